"""JSON-RPC messages on lines, for the SDK's server.

The SDK's own stdio transport drops an unreadable line, and its client waits forever. Here each such line gets an
answer: -32700 if it is not JSON, -32600 if it is JSON but not a message, with the request's id if the line contains it.
A batch is not a message: only protocol 2025-03-26 had batches, and the SDK never served them.
"""

import json
import re
from itertools import islice
from math import isfinite
from typing import Any, Self

from mcp.shared.message import SessionMessage
from mcp_types import (
    INVALID_REQUEST,
    PARSE_ERROR,
    JSONRPCMessage,
    JSONRPCNotification,
    JSONRPCRequest,
    jsonrpc_message_adapter,
)
from pydantic import ValidationError
from pydantic_core import from_json, to_json

from convirza_mcp.text.clean import without_lone_surrogates
from convirza_mcp.transports.stdio.wire import LinesIn, LinesOut

_BYTE_ORDER_MARK = b"\xef\xbb\xbf"
_NO_JSON = "The line is not valid JSON, or nests too deep. Send one JSON-RPC message per line, in UTF-8."
_NO_MESSAGE = "The line is not a JSON-RPC message. Send one object with jsonrpc, id, method and params."
_NO_BATCH = "Batches are not supported. Send each request on a line of its own."
_STRING = r'"(?:[^"\\]|\\.)*"'
_OPENING = re.compile(r"\s*\{")
_KEY = re.compile(rf"\s*({_STRING})\s*:\s*", re.DOTALL)
_SCALAR = re.compile(rf'({_STRING}|[^\s"\[\]{{}},:]+)\s*[,}}]', re.DOTALL)
_BRACKET = re.compile(rf"{_STRING}|[\[\]{{}}]", re.DOTALL)
_SEPARATOR = re.compile(r"\s*()[,}]")
# Enough for any request; many more would hold up the event loop.
_MAX_BRACKETS = 100_000


class MessagesIn:
    """Messages of lines. A line that is not a message is answered on `out`, and the next one is read."""

    def __init__(self, lines: LinesIn, out: LinesOut) -> None:
        self._lines = aiter(lines)
        self._out = out

    def __aiter__(self) -> Self:
        return self

    async def __anext__(self) -> SessionMessage:
        while True:
            message = read_message(await anext(self._lines))
            if not isinstance(message, list):
                return SessionMessage(message)
            for answer in message:
                self._out.put(answer)

    receive = __anext__

    async def aclose(self) -> None:
        """Do nothing: the descriptor stays open until the process ends."""

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.aclose()


class MessagesOut:
    """Writes messages as lines."""

    def __init__(self, out: LinesOut) -> None:
        self._out = out

    async def send(self, item: SessionMessage, /) -> None:
        self._out.put(item.message.model_dump_json(by_alias=True, exclude_unset=True))

    async def aclose(self) -> None:
        self._out.close()

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.aclose()


def read_message(line: bytes) -> JSONRPCMessage | list[str]:
    """Return the message on a line, or the lines that answer a line without one; none for a blank line."""
    sent = line.removeprefix(_BYTE_ORDER_MARK).decode("utf-8", errors="replace")
    text = without_lone_surrogates(sent)
    try:
        message = jsonrpc_message_adapter.validate_json(text, by_name=False)
    except ValidationError as error:
        if not text.strip():
            return []
        if error.errors(include_url=False, include_context=False, include_input=False)[0]["type"] == "json_invalid":
            return [_error(_id_in_fragment(text), PARSE_ERROR, _NO_JSON)]
        return _refusals(from_json(text))
    if isinstance(message, JSONRPCNotification) and "id" in (raw := from_json(text)):
        # An id that is none, such as null: the SDK would take the request for a notification.
        return _refusals(raw)
    if text is not sent and isinstance(message, JSONRPCRequest) and (told := json.loads(sent)["id"]) != message.id:
        # Half an emoji in the id: the answer would bear another one.
        return [_error(json.dumps(told), INVALID_REQUEST, _NO_MESSAGE)]
    return message


def _refusals(raw: Any) -> list[str]:
    if not isinstance(raw, list):
        return [_error(_id_of(raw), INVALID_REQUEST, _NO_MESSAGE)]
    told = [each for each in map(_id_of, raw) if each != "null"]
    return [_error(each, INVALID_REQUEST, _NO_BATCH) for each in told or ["null"]]


def _id_of(raw: Any) -> str:
    """Return the id of a request, as JSON; None for a response, whose id is ours."""
    if isinstance(raw, dict) and ("method" in raw or not {"result", "error"} & raw.keys()):
        match raw.get("id"):
            case bool():
                pass
            case str() | int() as told:
                return to_json(told).decode()
            case float() as told if isfinite(told):
                return to_json(told).decode()
    return "null"


def _id_in_fragment(text: str) -> str:
    """Return the id in the readable beginning of broken JSON, such as half a message."""
    raw: dict[str, Any] = {}
    place = _OPENING.match(text)
    while place and (member := _KEY.match(text, place.end())):
        key, place = member[1], _SCALAR.match(text, member.end()) or _after_nested(text, member.end())
        try:
            raw.setdefault(from_json(key), from_json(place[1]) if place and place[1] else None)
        except ValueError:
            break
    return _id_of(raw)


def _after_nested(text: str, start: int) -> re.Match[str] | None:
    """Return a match that ends behind the object or array at `start`, and behind the comma that follows it."""
    depth = 0
    for found in islice(_BRACKET.finditer(text, start), _MAX_BRACKETS):
        depth += 1 if found[0] in "[{" else -1 if found[0] in "]}" else 0
        if not depth:
            return _SEPARATOR.match(text, found.end())
    return None


def _error(request_id: str, code: int, message: str) -> str:
    return f'{{"jsonrpc":"2.0","id":{request_id},"error":{{"code":{code},"message":"{message}"}}}}'
