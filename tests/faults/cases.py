"""Bad answers, each with the error and the sentence it comes to."""

import json
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import Any

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
from faults.pages import REQUEST_ID, row

SHORT = 0.4
"""Seconds for a whole call, where the fault is that it takes for ever."""

ABOUT_SOMEBODY = row(987654, source=PHONE, source_name=NAME, message=MESSAGE)
ASKED = ConversationQuery(search=PHONE)
SOON = ("Retry-After", "0")
JSON = ("Content-Type", "application/json")

NOT_JSON = (
    "Convirza's answer is not valid JSON, or was cut off. Try again. If it happens again, contact Convirza support."
)
NO_LIST = "Convirza's answer has no list of conversations. Check that CONVIRZA_BASE_URL is the V3 business API."
NOT_A_JSON_TYPE = (
    "127.0.0.1 did not return JSON: a network's sign-in page may have answered. "
    "Check the network and CONVIRZA_BASE_URL."
)
NOT_DECOMPRESSED = "The answer from 127.0.0.1 could not be decompressed. Try again."
TOO_LARGE = "The answer from 127.0.0.1 is larger than 8 MiB. Ask for a smaller `limit`."
NOT_REACHED = "127.0.0.1 could not be reached, or the connection broke. Check the network and try again."
TOO_LATE = "127.0.0.1 did not answer within 0.4 seconds. Try again, or raise CONVIRZA_TIMEOUT."
REJECTED = (
    "Convirza rejected the request (400), and a retry will fail. "
    "Check `start`, `end` and `search`, or ask for a shorter window."
)
TOKEN_REFUSED = (
    "Convirza refused the token (401): it has expired (after 7 days), was revoked or is not a Convirza token. "
    "Log in again with `convirza-mcp login`, or replace the token in CONVIRZA_TOKEN_FILE or CONVIRZA_TOKEN."
)
DENIED = (
    "Convirza denied access (403): the token's user is in no organization that can see this inbox. "
    "Ask a Convirza administrator."
)
NOT_FOUND = "Convirza found nothing at this address (404). Check that CONVIRZA_BASE_URL is the V3 business API."
WITH_ID = f" Convirza's request id: {REQUEST_ID}."


def redirected(code: int) -> str:
    return (
        f"127.0.0.1 answered with status {code} instead of conversations, and redirects are not followed. "
        "Check that CONVIRZA_BASE_URL is the V3 business API."
    )


def failed(code: int, wait: str) -> str:
    return f"Convirza failed ({code}): nothing is wrong with the call. Try again in {wait}."


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
    sentence: str
    requests: int = 1
    timeout: float = 5.0


def refused(code: int, error: type[ConvirzaError], sentence: str, requests: int = 1, **more: Any) -> Case:
    body = error_body("no", code)
    return Case(partial(faults.status, code, body, [JSON, SOON]), error, sentence + WITH_ID, requests, **more)


def unreadable(body: str, sentence: str = NOT_JSON) -> Case:
    return Case(partial(faults.json_body, about_somebody(body)), InvalidResponseError, sentence)


CASES = {
    "401": refused(401, AuthenticationError, TOKEN_REFUSED),
    "403": refused(403, PermissionDeniedError, DENIED),
    "404": refused(404, NotFoundError, NOT_FOUND),
    "429": refused(429, RateLimitError, "Convirza asks for fewer requests (429). Wait 0 seconds, then try again.", 3),
    "500": refused(500, ServerError, failed(500, "0 seconds"), 3),
    "503": refused(503, ServerError, failed(503, "0 seconds"), 3),
    "501, which is not worth a second try": refused(501, ServerError, failed(501, "0 seconds")),
    "400 without a word": Case(partial(faults.status, 400), BadRequestError, REJECTED),
    "418": Case(
        partial(faults.status, 418),
        BadRequestError,
        "Convirza rejected the request (418), and a retry will fail. Change the request.",
    ),
    "429, wait 600 seconds": Case(
        partial(faults.status, 429, b"", [("Retry-After", "600")]),
        RateLimitError,
        "Convirza asks for fewer requests (429). Wait 600 seconds, then try again.",
    ),
    "503, wait 11 seconds": Case(
        partial(faults.status, 503, b"", [("Retry-After", "11")]), ServerError, failed(503, "11 seconds")
    ),
    "204": Case(partial(faults.status, 204), InvalidResponseError, redirected(204)),
    "a web page": Case(partial(faults.html, 200), InvalidResponseError, NOT_A_JSON_TYPE),
    "a web page of 1 MB with 500": Case(
        partial(faults.html, 500, 1_000_000), ServerError, failed(500, "a minute"), requests=3
    ),
    "truncated JSON": unreadable('{"data":{"total":1,"conversation":[{"conversation_id":1,"message":"%'),
    "no JSON at all": unreadable("%"),
    "nothing": unreadable(""),
    "400 levels deep": unreadable("[" * 400 + '"%"' + "]" * 400),
    "a number of 5,000 digits": unreadable('{"data":{"total":' + "9" * 5_000 + ',"conversation":["%"]}}'),
    "null": unreadable("null", NO_LIST),
    "a list": unreadable('["%"]', NO_LIST),
    "a string": unreadable('"%"', NO_LIST),
    "not a number": unreadable("NaN", NO_LIST),
    "null data": unreadable('{"message":"%","data":null}', NO_LIST),
    "data of another type": unreadable('{"data":["%"]}', NO_LIST),
    "conversations of another type": unreadable('{"data":{"conversation":{"a":"%"}}}', NO_LIST),
    "no gzip": Case(faults.broken_gzip, InvalidResponseError, NOT_DECOMPRESSED),
    "six encodings": Case(partial(faults.nested_encodings, 6), InvalidResponseError, NOT_DECOMPRESSED),
    "512 MiB of gzip": Case(partial(faults.gzip_bomb, 512), InvalidResponseError, TOO_LARGE),
    "64 MiB without a length": Case(partial(faults.flood, 64), InvalidResponseError, TOO_LARGE),
    "a redirect to nowhere": Case(partial(faults.redirect, 302, "http://[::1"), InvalidResponseError, redirected(302)),
    "a redirect to a file": Case(
        partial(faults.redirect, 302, "file:///etc/passwd"), InvalidResponseError, redirected(302)
    ),
    "resets": Case(faults.reset_after, ConnectionBrokenError, NOT_REACHED, requests=3),
    "too short": Case(faults.truncated, ConnectionBrokenError, NOT_REACHED, requests=3),
    "a chunk too short": Case(faults.truncated_chunks, ConnectionBrokenError, NOT_REACHED, requests=3),
    "another protocol": Case(faults.nonsense, ConnectionBrokenError, NOT_REACHED, requests=3),
    "a hang": Case(faults.hang, APITimeoutError, TOO_LATE, timeout=SHORT),
    "a drip": Case(faults.drip, APITimeoutError, TOO_LATE, timeout=SHORT),
    "a drip from the first byte": Case(partial(faults.drip, after=0), APITimeoutError, TOO_LATE, timeout=SHORT),
}

each_case = pytest.mark.parametrize("case", CASES.values(), ids=CASES.keys())
both_eras = pytest.mark.parametrize("era", ["auto", "legacy"])
# For what takes a process of its own: the older era's share is part of the long counts.
each_era = pytest.mark.parametrize("era", ["auto", pytest.param("legacy", marks=pytest.mark.long)])


def client_of(server: FaultServer, timeout: float = 5.0) -> ConvirzaClient:
    return ConvirzaClient(TOKEN, base_url=server.base_url, timeout=timeout)
