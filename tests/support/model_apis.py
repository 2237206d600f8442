"""Stand-ins for the HTTP interfaces of two model providers: each calls one tool, then says what it was told."""

import json
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

Body = dict[str, Any]
Turn = Callable[[Body], Body]


@contextmanager
def model_api(*turns: Turn) -> Iterator[tuple[str, list[tuple[str, Body]]]]:
    """Answers each request with the next turn, which may name a `status`; gives its address, and the paths and bodies
    that arrive.
    """
    requests: list[tuple[str, Body]] = []

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
            requests.append((self.path.partition("?")[0], body))
            turn = turns[len(requests) - 1](body)
            answer = (_anthropic_events(turn) if body.get("stream") else json.dumps(turn)).encode()
            self.send_response(turn["status"] if isinstance(turn.get("status"), int) else 200)
            self.send_header("Retry-After", "0")
            self.send_header("Content-Type", "text/event-stream" if body.get("stream") else "application/json")
            self.send_header("Content-Length", str(len(answer)))
            self.end_headers()
            self.wfile.write(answer)

        def log_message(self, *_: object) -> None:
            """The requests are kept; a line each on stderr would only be in the way."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        try:
            yield f"http://127.0.0.1:{server.server_port}", requests
        finally:
            server.shutdown()
            thread.join()


def anthropic_call(tool: str, arguments: Body) -> Turn:
    return lambda body: _anthropic(
        body, "tool_use", {"type": "tool_use", "id": "call", "name": tool, "input": arguments}
    )


def anthropic_saying(what: Callable[[str], str]) -> Turn:
    return lambda body: _anthropic(body, "end_turn", {"type": "text", "text": what(anthropic_result(body))})


def anthropic_result(body: Body) -> str:
    """The text of the one tool result that stands in the last message."""
    [result] = body["messages"][-1]["content"]
    assert (result["type"], result["tool_use_id"], result.get("is_error", False)) == ("tool_result", "call", False)
    return result["content"] if isinstance(result["content"], str) else result["content"][0]["text"]


def anthropic_system(body: Body) -> str:
    return body["system"] if isinstance(body["system"], str) else "".join(each["text"] for each in body["system"])


def _anthropic(body: Body, stop_reason: str, block: Body) -> Body:
    return {
        "id": "message",
        "type": "message",
        "role": "assistant",
        "model": body["model"],
        "content": [block],
        "stop_reason": stop_reason,
        "stop_sequence": None,
        "usage": {"input_tokens": 1, "output_tokens": 1},
    }


def _anthropic_events(message: Body) -> str:
    """The same message as a stream: begun empty, filled by one delta, ended."""
    [block] = message["content"]
    if block["type"] == "text":
        empty, delta = block | {"text": ""}, {"type": "text_delta", "text": block["text"]}
    else:
        empty, delta = block | {"input": {}}, {"type": "input_json_delta", "partial_json": json.dumps(block["input"])}
    end = {"stop_reason": message["stop_reason"], "stop_sequence": None}
    events: list[Body] = [
        {"type": "message_start", "message": message | {"content": [], "stop_reason": None}},
        {"type": "content_block_start", "index": 0, "content_block": empty},
        {"type": "content_block_delta", "index": 0, "delta": delta},
        {"type": "content_block_stop", "index": 0},
        {"type": "message_delta", "delta": end, "usage": {"output_tokens": 1}},
        {"type": "message_stop"},
    ]
    return "".join(f"event: {event['type']}\ndata: {json.dumps(event)}\n\n" for event in events)


def openai_call(tool: str, arguments: Body) -> Turn:
    call = {"type": "function_call", "id": "item", "call_id": "call", "name": tool, "status": "completed"}
    return lambda body: _openai(body, call | {"arguments": json.dumps(arguments)})


def openai_saying(what: Callable[[str], str]) -> Turn:
    def turn(body: Body) -> Body:
        text = {"type": "output_text", "text": what(openai_result(body)), "annotations": []}
        message = {"type": "message", "id": "item", "role": "assistant", "status": "completed", "content": [text]}
        return _openai(body, message)

    return turn


def openai_result(body: Body) -> str:
    """The text of the tool result that the input ends with."""
    result = body["input"][-1]
    assert (result["type"], result["call_id"]) == ("function_call_output", "call")
    return result["output"] if isinstance(result["output"], str) else result["output"][0]["text"]


def _openai(body: Body, item: Body) -> Body:
    return {
        "id": "response",
        "object": "response",
        "created_at": 0,
        "status": "completed",
        "model": body["model"],
        "output": [item],
        "parallel_tool_calls": True,
        "tool_choice": "auto",
        "tools": [],
    }
