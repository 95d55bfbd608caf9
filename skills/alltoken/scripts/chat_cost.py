"""One streamed answer with its tokens and its exact cost. Python 3.10 or newer, nothing to install.

    python3 chat_cost.py [model] "prompt"

The cost comes in an SSE comment behind [DONE], where OpenAI's library has stopped reading.
"""

import json
import os
import sys
import urllib.error
import urllib.request

BASE = os.environ.get("ALLTOKEN_BASE_URL", "https://api.alltoken.ai/v1")
KEY = os.environ.get("ALLTOKEN_API_KEY", "")


def ask(model: str, prompt: str) -> dict:
    """Prints the answer as it comes; returns usage and cost (a decimal as text, or None: unknown, not zero)."""
    body = {
        "model": model,
        "messages": [{"role": "user", "content": prompt}],
        "stream": True,
        "stream_options": {"include_usage": True},
    }
    headers = {"Content-Type": "application/json"}
    if KEY:
        headers["Authorization"] = f"Bearer {KEY}"
    request = urllib.request.Request(
        f"{BASE}/chat/completions", json.dumps(body).encode(), headers, method="POST"
    )
    usage, cost, ended = None, None, False
    with urllib.request.urlopen(request, timeout=120) as reply:
        for raw in reply:
            line = raw.decode("utf-8").rstrip("\r\n")
            if line.startswith(":"):
                cost = read_cost(line[1:]) or cost
            if not line.startswith("data:"):
                continue
            data = line[5:].strip()
            if data == "[DONE]":
                ended = True
                continue  # the cost is still to come
            chunk = json.loads(data)
            usage = chunk.get("usage") or usage
            for choice in chunk.get("choices", []):
                print(choice.get("delta", {}).get("content") or "", end="", flush=True)
                ended = ended or bool(choice.get("finish_reason"))
    print()
    if not ended:
        raise RuntimeError("the stream broke off: the answer is not whole, and was perhaps billed")
    return {"model": model, "usage": usage, "cost": cost}


def read_cost(comment: str):
    """The cost in a comment, or None: other comments only keep the line open."""
    try:
        cost = json.loads(comment).get("cost")
    except (ValueError, AttributeError):
        return None
    return cost if isinstance(cost, str) else None


if __name__ == "__main__":
    words = sys.argv[1:]
    prompt = words.pop() if words else "Say hello in five words."
    model = words.pop() if words else "gpt-5.4-nano"
    try:
        print(json.dumps(ask(model, prompt)), file=sys.stderr)
    except urllib.error.HTTPError as error:
        try:
            details = json.loads(error.read()).get("error", {})
        except ValueError:
            details = {}
        sys.exit(f"{error.code} {details.get('code')}: {details.get('message')}")
