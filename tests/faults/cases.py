"""Bad answers, each with the error it comes to."""

import json
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial

import pytest

import faults
from convirza_mcp import ConversationQuery, ConvirzaClient
from convirza_mcp.errors import (
    APITimeoutError,
    AuthenticationError,
    BadRequestError,
    ConnectionBrokenError,
    ConvirzaError,
    InvalidResponseError,
    NotFoundError,
    PermissionDeniedError,
    RateLimitError,
    ServerError,
)
from faults import Answer, FaultServer
from faults.canaries import MESSAGE, NAME, PHONE, TOKEN
from support.rows import REQUEST_ID, row

SHORT = 0.9
"""Seconds for a whole call, where the fault is that it takes for ever."""

SECONDS_OF_A_CASE = 8.0
"""By which an answer is there, even on a busy machine. A call that waits in vain takes all of its ten."""

ABOUT_SOMEBODY = row(987654, source=PHONE, source_name=NAME, message=MESSAGE)
ASKED = ConversationQuery(search=PHONE)
SOON = ("Retry-After", "0")
JSON = ("Content-Type", "application/json")


def error_body(words: str, code: int = 400) -> bytes:
    """An error as an API of this shape might give it, with personal data around its words."""
    data = {"conversation": [ABOUT_SOMEBODY]}
    return json.dumps({"code": code, "message": words, "data": data, "requestId": REQUEST_ID}).encode()


def about_somebody(text: str) -> bytes:
    """That text, with what must not be quoted in it."""
    return text.replace("%", f"{TOKEN} {PHONE} {NAME} {MESSAGE}").encode()


@dataclass(frozen=True, slots=True)
class Case:
    """A fault, and what it comes to after `requests` requests."""

    fault: Callable[[], Answer]
    error: type[ConvirzaError]
    requests: int = 1
    timeout: float = 10.0


def refused(code: int, error: type[ConvirzaError], requests: int = 1) -> Case:
    return Case(partial(faults.status, code, error_body("no", code), [JSON, SOON]), error, requests)


def unreadable(body: str) -> Case:
    return Case(partial(faults.json_body, about_somebody(body)), InvalidResponseError)


CASES = {
    "401": refused(401, AuthenticationError),
    "403": refused(403, PermissionDeniedError),
    "404": refused(404, NotFoundError),
    "429": refused(429, RateLimitError, 3),
    "500": refused(500, ServerError, 3),
    "503": refused(503, ServerError, 3),
    "501, which is not worth a second try": refused(501, ServerError),
    "400 without a word": Case(partial(faults.status, 400), BadRequestError),
    "418": Case(partial(faults.status, 418), BadRequestError),
    "429, wait 600 seconds": Case(partial(faults.status, 429, b"", [("Retry-After", "600")]), RateLimitError),
    "503, wait 11 seconds": Case(partial(faults.status, 503, b"", [("Retry-After", "11")]), ServerError),
    "204": Case(partial(faults.status, 204), InvalidResponseError),
    "a web page": Case(partial(faults.html, 200), InvalidResponseError),
    "a web page of 1 MB with 500": Case(partial(faults.html, 500, 1_000_000), ServerError, requests=3),
    "truncated JSON": unreadable('{"data":{"total":1,"conversation":[{"conversation_id":1,"message":"%'),
    "no JSON at all": unreadable("%"),
    "nothing": unreadable(""),
    "400 levels deep": unreadable("[" * 400 + '"%"' + "]" * 400),
    "a number of 5,000 digits": unreadable('{"data":{"total":' + "9" * 5_000 + ',"conversation":["%"]}}'),
    "null": unreadable("null"),
    "a list": unreadable('["%"]'),
    "a string": unreadable('"%"'),
    "not a number": unreadable("NaN"),
    "null data": unreadable('{"message":"%","data":null}'),
    "data of another type": unreadable('{"data":["%"]}'),
    "conversations of another type": unreadable('{"data":{"conversation":{"a":"%"}}}'),
    "no gzip": Case(faults.broken_gzip, InvalidResponseError),
    "six encodings": Case(partial(faults.nested_encodings, 6), InvalidResponseError),
    "512 MiB of gzip": Case(partial(faults.gzip_bomb, 512), InvalidResponseError),
    "64 MiB without a length": Case(partial(faults.flood, 64), InvalidResponseError),
    "a redirect to nowhere": Case(partial(faults.redirect, 302, "http://[::1"), InvalidResponseError),
    "a redirect to a file": Case(partial(faults.redirect, 302, "file:///etc/passwd"), InvalidResponseError),
    "resets": Case(faults.reset_after, ConnectionBrokenError, requests=3),
    "too short": Case(faults.truncated, ConnectionBrokenError, requests=3),
    "a chunk too short": Case(faults.truncated_chunks, ConnectionBrokenError, requests=3),
    "another protocol": Case(faults.nonsense, ConnectionBrokenError, requests=3),
    "a hang": Case(faults.hang, APITimeoutError, timeout=SHORT),
    "a drip": Case(faults.drip, APITimeoutError, timeout=SHORT),
    "a drip from the first byte": Case(partial(faults.drip, after=0), APITimeoutError, timeout=SHORT),
}

each_case = pytest.mark.parametrize("case", CASES.values(), ids=CASES.keys())
both_eras = pytest.mark.parametrize("era", ["auto", "legacy"])
# For what takes a process of its own: the older era's share is part of the long counts.
each_era = pytest.mark.parametrize("era", ["auto", pytest.param("legacy", marks=pytest.mark.long)])


def client_of(server: FaultServer, timeout: float = 10.0) -> ConvirzaClient:
    return ConvirzaClient(TOKEN, base_url=server.base_url, timeout=timeout)
