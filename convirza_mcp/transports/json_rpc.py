"""Read a JSON-RPC message, or answer text that is not one.

The SDK's stdio transport drops an unreadable line, and its client waits forever; its HTTP transport takes a request
with an id such as 1.5 for a notification. Here each gets an answer: -32700 if it is not JSON, -32600 if it is JSON but
not a message, with the request's id if the text contains it. A batch is not a message: only protocol 2025-03-26 had
batches, and the SDK never served them.
"""

import json
from typing import Any

from mcp_types import INVALID_REQUEST, PARSE_ERROR, JSONRPCMessage, JSONRPCRequest, jsonrpc_message_adapter
from pydantic import ValidationError
from pydantic_core import from_json

from convirza_mcp.text.clean import without_lone_surrogates
from convirza_mcp.transports.request_ids import NO_ID, id_in_fragment, id_of, line_text

_NO_JSON = "The message is not valid JSON, or nests too deep. Send one JSON-RPC message at a time, in UTF-8."
_NO_MESSAGE = "This is not a JSON-RPC message. Send one object with jsonrpc, id, method and params."
_NO_BATCH = "Batches are not supported. Send each request on its own."


def message_text(sent: bytes) -> str:
    """Return a line or a body as the SDK can read it: as UTF-8, without a byte-order mark and lone surrogates."""
    return without_lone_surrogates(line_text(sent))


def read_message(line: bytes) -> JSONRPCMessage | list[str]:
    """Return the message in a line or a body, or the answers to one without; none to a blank one."""
    text = message_text(line)
    try:
        message = jsonrpc_message_adapter.validate_json(text, by_name=False)
    except ValidationError as error:
        if not text:
            return []
        if error.errors(include_url=False, include_context=False, include_input=False)[0]["type"] == "json_invalid":
            return [_error(id_in_fragment(text), PARSE_ERROR, _NO_JSON)]
        return _refusals(from_json(text))
    if not isinstance(message, JSONRPCRequest):
        # With an id that is not valid, such as null, or with a response's `error`: the SDK would take the request for a
        # notification or a response.
        return _refusals(raw) if {"id", "method"} <= (raw := from_json(text)).keys() else message
    if "\ufffd" in str(message.id) and (told := json.loads(line_text(line))["id"]) != message.id:
        # Half an emoji in the id: the answer would bear another one.
        return [_error(json.dumps(told), INVALID_REQUEST, _NO_MESSAGE)]
    return message


def refusal_body(answers: list[str]) -> bytes:
    """Return the body that carries the answers of `read_message`: one error, or the array of a batch's."""
    first, *others = answers or [_error(NO_ID, PARSE_ERROR, _NO_JSON)]
    return (f"[{','.join(answers)}]" if others else first).encode()


def _refusals(raw: Any) -> list[str]:
    if not isinstance(raw, list):
        return [_error(id_of(raw), INVALID_REQUEST, _NO_MESSAGE)]
    told = [each for each in map(id_of, raw) if each != NO_ID]
    return [_error(each, INVALID_REQUEST, _NO_BATCH) for each in told or [NO_ID]]


def _error(request_id: str, code: int, message: str) -> str:
    return f'{{"jsonrpc":"2.0","id":{request_id},"error":{{"code":{code},"message":"{message}"}}}}'
