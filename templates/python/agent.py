"""AllToken in one file: a streamed answer with its exact cost, and an image that is never lost.

    python3 agent.py "Explain SSE in one sentence."
    python3 agent.py --image "A cat in a hat" -o cat.png

The result goes to standard output, all else to standard error. Only the standard library is used.
"""

import argparse
import base64
import binascii
import http.client
import json
import os
import random
import shutil
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
import uuid
from contextlib import contextmanager

BASE_URL = "https://api.alltoken.ai/v1"
CHAT_MODEL = "gpt-5.4-mini"
IMAGE_MODEL = "gpt-image-2"

TRIES = 3
LONGEST_PAUSE = 60.0
SILENCE = 120.0  # seconds without a byte
COST_SILENCE = 2.0  # seconds for the cost, behind [DONE]
LONGEST_LINE = 8 * 1024 * 1024
LONGEST_WAIT = 25 * 60.0  # for an image; its task expires after 30 minutes


class ApiError(Exception):
    """A failure. Compare `code`, not the message; `billed` is yes, no or unknown."""

    def __init__(self, message, code=None, status=None, request_id=None, billed="unknown"):
        super().__init__(message)
        self.code, self.status, self.request_id, self.billed = code, status, request_id, billed


class Cut(ApiError):
    """The answer ended too early. `text` is what came, which may be billed."""

    def __init__(self, text):
        super().__init__("the answer was cut off", code="cut")
        self.text = text


class Answer:
    """`usage` and `cost` are None where the gateway did not report them; `cost` is a decimal text in USD."""

    def __init__(self):
        self.text, self.usage, self.cost, self.finish_reason, self.is_done = "", None, None, None, False


class Client:
    def __init__(self, api_key=None, base_url=None):
        self.key = api_key or os.environ.get("ALLTOKEN_API_KEY", "")
        self.base = (base_url or os.environ.get("ALLTOKEN_BASE_URL") or BASE_URL).rstrip("/")
        if not self.key:
            raise ApiError("ALLTOKEN_API_KEY is not set", code="no_key", billed="no")

    def open(self, method, path, body=None, headers=None, is_paid=False):
        """The reply, to be read and closed. A paid request is repeated only where the gateway did nothing for it."""
        data = None if body is None else json.dumps(body).encode()
        for attempt in range(1, TRIES + 1):
            request = urllib.request.Request(self.base + path, data=data, method=method)
            request.add_header("Authorization", "Bearer " + self.key)
            request.add_header("Content-Type", "application/json")
            for name, value in (headers or {}).items():
                request.add_header(name, value)
            try:
                return _opener.open(request, timeout=SILENCE)
            except urllib.error.HTTPError as error:
                with error:
                    envelope = _envelope(error.read(1024 * 1024))
                may_repeat = error.code in (429, 503) and envelope is not None
                if not is_paid:
                    may_repeat = may_repeat or error.code in (408, 429) or error.code >= 500
                pause = _pause(error.headers.get("Retry-After"), attempt)
                if attempt == TRIES or not may_repeat or pause > LONGEST_PAUSE:
                    raise _failure(error.code, envelope) from None
            except _BROKEN as error:
                if is_paid or attempt == TRIES:
                    raise _unreachable(error) from error
                pause = _pause(None, attempt)
            print("retrying in %.1f s" % pause, file=sys.stderr)
            time.sleep(pause)
        raise AssertionError("unreachable")

    def bytes(self, method, path, body=None, headers=None, is_paid=False):
        with self.open(method, path, body, headers, is_paid) as reply:
            try:
                return reply.read()
            except _BROKEN as error:
                raise _unreachable(error) from error


_BROKEN = (OSError, http.client.HTTPException)


def _unreachable(error):
    # The request never left: there is no such host, or nobody listens there.
    never_left = isinstance(getattr(error, "reason", error), (ConnectionRefusedError, socket.gaierror))
    return ApiError("no reply from the gateway: %s" % error, "network", billed="no" if never_left else "unknown")


class _NoRedirects(urllib.request.HTTPRedirectHandler):
    """A redirect would carry the key and the request to another server."""

    def redirect_request(self, *_):
        return None


_opener = urllib.request.build_opener(_NoRedirects)


def _object(value):
    return value if isinstance(value, dict) else {}


def _parse(text):
    """A JSON object; {} for anything else."""
    try:
        return _object(json.loads(text))
    except ValueError:
        return {}


def _envelope(body):
    """The gateway's own error; None for a page of something between."""
    error = _parse(body).get("error")
    return error if isinstance(error, dict) else None


def _failure(status, envelope):
    error = envelope or {}
    code = error.get("code") if isinstance(error.get("code"), str) else None
    message = str(error.get("message") or "the gateway answered %d" % status)[:500]
    # A gateway that refuses a request bought nothing; one that broke off may have.
    billed = "no" if status < 500 and status not in (408, 499) or (status == 503 and envelope) else "unknown"
    return ApiError(message, code, status, error.get("request_id"), billed)


def _pause(retry_after, attempt):
    """Seconds: what the server wants, else longer each time, with jitter."""
    try:
        return max(0.5, float(retry_after))
    except (TypeError, ValueError):
        return random.uniform(0.5, min(8.0, 2.0**attempt))


def chat(client, prompt, model=CHAT_MODEL, on_delta=lambda text: None, **more):
    """An `Answer`. Raises `Cut` for one that ended too early, and `ApiError`."""
    body = {
        "model": model,
        "messages": [{"role": "user", "content": prompt}],
        "stream": True,
        "stream_options": {"include_usage": True},
        **more,
    }
    answer = Answer()
    with client.open("POST", "/chat/completions", body, is_paid=True) as reply:
        try:
            for line in iter(lambda: reply.readline(LONGEST_LINE), b""):
                read_line(line, answer, on_delta)
                if answer.cost is not None:
                    break
                if answer.is_done:
                    _expect_soon(reply)
        except _BROKEN:
            # Behind [DONE] only the cost can be missing.
            if not answer.is_done:
                raise Cut(answer.text) from None
    if not answer.is_done and answer.finish_reason is None:
        raise Cut(answer.text)
    return answer


def read_line(line, answer, on_delta):
    """One line of the stream. The cost is a comment behind `data: [DONE]`, which clients of OpenAI never see."""
    text = line.decode("utf-8", "replace").rstrip("\r\n")
    if text.startswith(":"):
        cost = _cost(text[1:])
        if cost is not None:
            answer.cost = cost
    elif text.startswith("data:"):
        data = text[5:].strip()
        if data == "[DONE]":
            answer.is_done = True
        elif data:
            _read_chunk(data, answer, on_delta)


def _read_chunk(data, answer, on_delta):
    chunk = _parse(data)
    error = chunk.get("error")
    if isinstance(error, dict) and (error.get("message") or error.get("code")):
        raise ApiError(str(error.get("message") or error["code"])[:500], error.get("code"))
    if isinstance(chunk.get("usage"), dict):
        answer.usage = chunk["usage"]
    for choice in chunk.get("choices") or []:
        piece = _object(_object(choice).get("delta")).get("content")
        if isinstance(piece, str) and piece:
            answer.text += piece
            on_delta(piece)
        answer.finish_reason = _object(choice).get("finish_reason") or answer.finish_reason


def _cost(comment):
    """A decimal text; None for any other comment, and for what is no amount."""
    cost = _parse(comment).get("cost")
    is_amount = isinstance(cost, str) and cost.replace(".", "", 1).isdigit()
    return cost if is_amount else None


def _expect_soon(reply):
    try:
        reply.fp.raw._sock.settimeout(COST_SILENCE)
    except AttributeError:
        pass


def generate_image(client, prompt, path, model=IMAGE_MODEL, on_status=lambda text: None, **more):
    """Saves the image as `path`, which must not exist, and returns what the gateway said of it, without the image."""
    # Checked before anything is bought; the name is ours from here on.
    with open(path, "xb"):
        pass
    try:
        task = _order(client, prompt, model, more)
        on_status("task %s: ordered" % task)
        kept = path + ".json"
        result = _wait(client, task, kept, on_status)
        data = result.get("data")
        first = _object(data[0]) if isinstance(data, list) and data else {}
        image = base64.b64decode(first.get("b64_json") or "", validate=True)
        if not image:
            raise ApiError("the reply has no image; it is kept as " + kept, "no_image", billed="yes")
        with open(path, "wb") as file:
            file.write(image)
            file.flush()
            os.fsync(file.fileno())
        os.remove(kept)
        return {name: value for name, value in result.items() if name != "data"}
    except binascii.Error:
        raise ApiError("the image is damaged; the reply is kept as " + kept, "damaged", billed="yes") from None
    finally:
        if os.path.getsize(path) == 0:
            os.remove(path)


def _order(client, prompt, model, more):
    order = {"model": model, "prompt": prompt, **more}
    # The same key again cannot buy a second image.
    headers = {"Idempotency-Key": str(uuid.uuid4())}
    try:
        body = client.bytes("POST", "/images/generations/async", order, headers, is_paid=True)
    except ApiError as error:
        if error.code != "network":
            raise
        body = client.bytes("POST", "/images/generations/async", order, headers, is_paid=True)
    created = _parse(body)
    if not isinstance(created.get("id"), str):
        raise ApiError("the gateway named no task", "no_task")
    return created["id"]


def _wait(client, task, kept, on_status):
    """The finished task. Its reply, which comes once, is on disk before anybody looks into it."""
    end, status = time.monotonic() + LONGEST_WAIT, None
    while time.monotonic() < end:
        try:
            body = client.bytes("GET", "/images/generations/" + task)
        except ApiError as error:
            # Trouble on the way does not end the wait.
            if error.code != "network":
                raise
            continue
        with open(kept, "wb") as file:
            file.write(body)
            file.flush()
            os.fsync(file.fileno())
        result = _parse(body)
        if result.get("status") != status:
            status = result.get("status")
            on_status("task %s: %s" % (task, status))
        if status == "completed":
            return result
        os.remove(kept)
        if status in ("failed", "cancelled", "expired"):
            message = _object(result.get("error")).get("message") or "the task is " + status
            raise ApiError(str(message)[:500], "task_" + status)
        time.sleep(2)
    raise ApiError("task %s is still running" % task, "still_running")


@contextmanager
def sandbox():
    """`alltoken sandbox`, on a free port, for as long as the block runs: no key, no charge, no model."""
    program = ["alltoken"] if shutil.which("alltoken") else ["npx", "-y", "alltoken-cli"]
    if shutil.which(program[0]) is None:
        raise ApiError("ALLTOKEN_GATEWAY=sandbox needs alltoken or npx on PATH", "no_sandbox", billed="no")
    words = [shutil.which(program[0]), *program[1:], "sandbox", "--port", "0"]
    process = subprocess.Popen(words, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
    try:
        address = process.stdout.readline().strip()
        if not address.startswith("http://127.0.0.1:"):
            raise ApiError("alltoken sandbox did not start", "no_sandbox", billed="no")
        yield address
    finally:
        process.terminate()
        try:
            process.wait(10)
        except subprocess.TimeoutExpired:
            process.kill()
        process.stdout.close()


def _show(text):
    """No text of a model can move the cursor of a terminal."""
    if sys.stdout.isatty():
        text = "".join(c for c in text if c in "\n\t" or c.isprintable() or c in "\u200d\ufe0f")
    print(text, end="", flush=True)


def main(argv=None):
    parser = argparse.ArgumentParser(description="Ask AllToken, or make an image.")
    parser.add_argument("prompt", nargs="*", default=["Explain SSE in one sentence."])
    parser.add_argument("-m", "--model", help="default: %s, for images %s" % (CHAT_MODEL, IMAGE_MODEL))
    parser.add_argument("--image", action="store_true", help="make an image; it costs some cents")
    parser.add_argument("-o", "--out", default="image.png", help="where to save it; default: image.png")
    options = parser.parse_args(argv)
    prompt = " ".join(options.prompt)
    try:
        gateway = os.environ.get("ALLTOKEN_GATEWAY") or "alltoken"
        if gateway not in ("alltoken", "sandbox") and not os.environ.get("ALLTOKEN_BASE_URL"):
            words = "ALLTOKEN_GATEWAY=%s: this file knows alltoken and sandbox; for another server set ALLTOKEN_BASE_URL"
            raise ApiError(words % gateway, "unknown_gateway", billed="no")
        if gateway == "sandbox":
            with sandbox() as address:
                _run(Client("sandbox", address), prompt, options)
        else:
            _run(Client(), prompt, options)
    except Cut as cut:
        print("\nerror: %s; what came may be billed" % cut, file=sys.stderr)
        return 40
    except ApiError as error:
        about = [error.code, error.request_id and "request " + error.request_id, "billed: " + error.billed]
        print("error: %s [%s]" % (error, ", ".join(filter(None, about))), file=sys.stderr)
        return 1
    except OSError as error:
        print("error: %s: %s" % (error.filename or "output", error.strerror or error), file=sys.stderr)
        return 50
    except KeyboardInterrupt:
        print("stopped", file=sys.stderr)
        return 130
    return 0


def _run(client, prompt, options):
    if options.image:
        generate_image(
            client,
            prompt,
            options.out,
            options.model or IMAGE_MODEL,
            on_status=lambda text: print(text, file=sys.stderr),
            size="1024x1024",
            quality="low",
        )
        print(os.path.abspath(options.out))
        return
    answer = chat(client, prompt, options.model or CHAT_MODEL, on_delta=_show)
    if not answer.text.endswith("\n"):
        print()
    usage = answer.usage or {}
    cost = "unknown" if answer.cost is None else "$" + answer.cost
    counts = "prompt=%s completion=%s" % (usage.get("prompt_tokens", "?"), usage.get("completion_tokens", "?"))
    print("[usage] %s cost=%s" % (counts, cost), file=sys.stderr)


if __name__ == "__main__":
    sys.exit(main())
