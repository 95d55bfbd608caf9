"""The script a Python user would write without installing anything: urllib, json, argparse."""

import argparse
import json
import os
import sys
import urllib.request

parser = argparse.ArgumentParser()
parser.add_argument("base_url")
parser.add_argument("model")
parser.add_argument("prompt")
arguments = parser.parse_args()

request = urllib.request.Request(
    arguments.base_url + "/chat/completions",
    data=json.dumps(
        {
            "model": arguments.model,
            "messages": [{"role": "user", "content": arguments.prompt}],
            "stream": True,
            "stream_options": {"include_usage": True},
        }
    ).encode(),
    headers={
        "Authorization": "Bearer " + os.environ["ALLTOKEN_API_KEY"],
        "Content-Type": "application/json",
        "Accept": "text/event-stream",
    },
)
usage = None
cost = None
with urllib.request.urlopen(request) as response:
    for line in response:
        if line.startswith(b": {"):
            cost = json.loads(line[2:]).get("cost")
        if not line.startswith(b"data: "):
            continue
        data = line[6:].strip()
        if data == b"[DONE]":
            continue  # goes on: the cost comes after it
        chunk = json.loads(data)
        usage = chunk.get("usage") or usage
        for choice in chunk["choices"]:
            content = choice["delta"].get("content")
            if content:
                print(content, end="", flush=True)
print("usage:", usage, "cost:", cost, file=sys.stderr)
