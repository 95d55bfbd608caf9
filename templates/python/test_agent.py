"""agent.py against a gateway that is played on this machine: no key, no charge."""

import base64
import json
import os
import tempfile
import threading
import unittest
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from unittest import mock

import agent

PNG = b"\x89PNG\r\n\x1a\n" + bytes(24)
COST = ': {"cost":"0.0000188000","prompt_tokens":19,"completion_tokens":12}\n\n'


def delta(text, finish=None):
    return "data: " + json.dumps({"choices": [{"delta": {"content": text}, "finish_reason": finish}]}) + "\n\n"


def usage():
    return "data: " + json.dumps({"choices": [], "usage": {"prompt_tokens": 19, "completion_tokens": 12}}) + "\n\n"


class Gateway(BaseHTTPRequestHandler):
    """Answers each request with the next of `replies`: (status, headers, body)."""

    replies, requests = [], []

    def reply(self):
        length = int(self.headers.get("Content-Length") or 0)
        body = self.rfile.read(length)
        self.requests.append((self.command, self.path, dict(self.headers), json.loads(body or b"null")))
        status, headers, content = self.replies.pop(0)
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(content if isinstance(content, bytes) else content.encode())

    do_GET = do_POST = reply

    def log_message(self, *_):
        pass


class AgentTest(unittest.TestCase):
    def setUp(self):
        Gateway.replies, Gateway.requests = [], []
        server = ThreadingHTTPServer(("127.0.0.1", 0), Gateway)
        threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True).start()
        self.addCleanup(server.server_close)
        self.addCleanup(server.shutdown)
        self.client = agent.Client("test-key", "http://127.0.0.1:%d/v1" % server.server_port)
        self.folder = tempfile.TemporaryDirectory()
        self.addCleanup(self.folder.cleanup)
        self.path = os.path.join(self.folder.name, "cat.png")
        for name in ("agent.time.sleep", "agent.sys.stderr"):
            patch = mock.patch(name)
            patch.start()
            self.addCleanup(patch.stop)

    def answers(self, *replies):
        Gateway.replies = [reply if isinstance(reply, tuple) else (200, {}, reply) for reply in replies]


class Chat(AgentTest):
    def test_reads_the_cost_behind_done(self):
        self.answers(delta("Hel") + delta("lo", "stop") + usage() + "data: [DONE]\n\n" + COST)
        pieces = []
        answer = agent.chat(self.client, "Hi", on_delta=pieces.append)
        self.assertEqual((answer.text, pieces), ("Hello", ["Hel", "lo"]))
        self.assertEqual((answer.cost, answer.usage["prompt_tokens"]), ("0.0000188000", 19))

    def test_a_cost_that_did_not_come_is_not_zero(self):
        for comment in ("", ": ping\n\n", ': {"cost":"NaN"}\n\n', ': {"cost":-1}\n\n', ": {\n\n"):
            self.answers(delta("Hi", "stop") + "data: [DONE]\n\n" + comment)
            self.assertIsNone(agent.chat(self.client, "Hi").cost)

    def test_an_answer_that_was_cut_is_not_whole(self):
        self.answers(delta("Hel"))
        with self.assertRaises(agent.Cut) as caught:
            agent.chat(self.client, "Hi")
        self.assertEqual(caught.exception.text, "Hel")

    def test_an_error_in_the_stream_is_one(self):
        self.answers(delta("Hel") + 'data: {"error":{"code":"upstream","message":"it broke"}}\n\n')
        with self.assertRaises(agent.ApiError) as caught:
            agent.chat(self.client, "Hi")
        self.assertEqual(caught.exception.code, "upstream")

    def test_what_the_gateway_refuses_is_not_sent_again(self):
        error = json.dumps({"error": {"code": "invalid_api_key", "message": "Invalid", "request_id": "r1"}})
        self.answers((401, {}, error))
        with self.assertRaises(agent.ApiError) as caught:
            agent.chat(self.client, "Hi")
        failure = caught.exception
        self.assertEqual((failure.code, failure.request_id, failure.billed), ("invalid_api_key", "r1", "no"))

    def test_a_full_gateway_is_asked_again(self):
        busy = (429, {"Retry-After": "1"}, json.dumps({"error": {"code": "rate_limited", "message": "slow"}}))
        self.answers(busy, delta("Hi", "stop") + "data: [DONE]\n\n")
        self.assertEqual(agent.chat(self.client, "Hi").text, "Hi")

    def test_a_page_of_something_between_is_not(self):
        self.answers((503, {}, "<html>"))
        with self.assertRaises(agent.ApiError) as caught:
            agent.chat(self.client, "Hi")
        self.assertEqual((caught.exception.billed, len(Gateway.requests)), ("unknown", 1))

    def test_a_redirect_gets_no_key(self):
        self.answers((302, {"Location": "http://127.0.0.1:9/"}, ""))
        with self.assertRaises(agent.ApiError):
            agent.chat(self.client, "Hi")
        self.assertEqual(len(Gateway.requests), 1)

    def test_no_key_sends_nothing(self):
        with mock.patch.dict(os.environ, {"ALLTOKEN_API_KEY": ""}):
            with self.assertRaises(agent.ApiError) as caught:
                agent.Client()
        self.assertEqual(caught.exception.code, "no_key")


class Image(AgentTest):
    created = json.dumps({"id": "igen_1", "status": "queued"})

    def done(self, content):
        return json.dumps({"id": "igen_1", "status": "completed", "data": [{"b64_json": content}]})

    def test_is_saved_and_asked_for_once(self):
        running = json.dumps({"id": "igen_1", "status": "processing"})
        self.answers(self.created, running, self.done(base64.b64encode(PNG).decode()))
        agent.generate_image(self.client, "A cat", self.path)
        with open(self.path, "rb") as file:
            self.assertEqual(file.read(), PNG)
        self.assertEqual(os.listdir(self.folder.name), ["cat.png"])
        self.assertIn("Idempotency-Key", Gateway.requests[0][2])

    def test_that_cannot_be_read_stays_as_it_came(self):
        self.answers(self.created, self.done("!!!"))
        with self.assertRaises(agent.ApiError) as caught:
            agent.generate_image(self.client, "A cat", self.path)
        self.assertEqual((caught.exception.code, caught.exception.billed), ("damaged", "yes"))
        self.assertEqual(os.listdir(self.folder.name), ["cat.png.json"])

    def test_over_a_file_is_not_bought(self):
        with open(self.path, "w") as file:
            file.write("mine")
        with self.assertRaises(FileExistsError):
            agent.generate_image(self.client, "A cat", self.path)
        self.assertEqual(Gateway.requests, [])

    def test_where_no_file_can_be_is_not_bought(self):
        environment = {"ALLTOKEN_API_KEY": "test-key", "ALLTOKEN_BASE_URL": self.client.base, "ALLTOKEN_GATEWAY": ""}
        with mock.patch.dict(os.environ, environment):
            self.assertEqual(agent.main(["--image", "A cat", "-o", self.path + "/x.png"]), 50)
        self.assertEqual(Gateway.requests, [])

    def test_of_a_gateway_that_this_file_does_not_know_is_not_bought(self):
        environment = {"ALLTOKEN_API_KEY": "test-key", "ALLTOKEN_BASE_URL": "", "ALLTOKEN_GATEWAY": "other"}
        with mock.patch.dict(os.environ, environment), mock.patch.object(agent, "BASE_URL", self.client.base):
            self.assertEqual(agent.main(["--image", "A cat", "-o", self.path]), 1)
        self.assertEqual(Gateway.requests, [])

    def test_that_failed_says_so_and_leaves_nothing(self):
        failed = {"id": "igen_1", "status": "failed", "error": {"message": "not allowed"}}
        self.answers(self.created, json.dumps(failed))
        with self.assertRaises(agent.ApiError) as caught:
            agent.generate_image(self.client, "A cat", self.path)
        self.assertEqual((caught.exception.code, str(caught.exception)), ("task_failed", "not allowed"))
        self.assertEqual(os.listdir(self.folder.name), [])


if __name__ == "__main__":
    unittest.main()
