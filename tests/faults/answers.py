"""Answers that are whole: an answer is what happens to one request."""

import json
from collections.abc import Awaitable, Callable, Iterable
from http import HTTPStatus
from typing import Any

from faults.exchange import Exchange
from support.rows import envelope

Answer = Callable[[Exchange], Awaitable[None]]
Headers = Iterable[tuple[str, str]]

JSON = ("Content-Type", "application/json")


def head(code: int, headers: Headers) -> bytes:
    """Status line and headers."""
    phrase = HTTPStatus(code).phrase if code in set(HTTPStatus) else "Whatever"
    lines = [f"HTTP/1.1 {code} {phrase}", *(f"{name}: {value}" for name, value in headers), "", ""]
    return "\r\n".join(lines).encode("latin-1")


def whole(code: int, headers: Headers, body: bytes) -> bytes:
    """A complete answer with the right length."""
    return head(code, [*headers, ("Content-Length", str(len(body)))]) + body


def status(code: int, body: bytes = b"", headers: Headers = (JSON,)) -> Answer:
    """That status with that body."""
    answer = whole(code, headers, body)

    async def respond(exchange: Exchange) -> None:
        await exchange.send(answer)

    return respond


def json_body(value: Any) -> Answer:
    """200 with that value as JSON, or with those bytes where JSON is meant."""
    return status(200, value if isinstance(value, bytes) else json.dumps(value).encode())


def page(rows: list[Any] | None = None, **changes: Any) -> Answer:
    """A good page, as documented."""
    return json_body(envelope(rows, **changes))


def html(code: int, size: int = 2_000) -> Answer:
    """A web page of about that size, as a proxy or a hotel's network gives."""
    words = b"<p>Please sign in to continue &mdash; CANARY-OF-THE-PAGE.</p>\n"
    body = b"<!doctype html><html><body>" + words * (size // len(words)) + b"</body></html>"
    return status(code, body, [("Content-Type", "text/html; charset=utf-8")])


def redirect(code: int, location: str) -> Answer:
    return status(code, b"", [("Location", location)])


def cookie(value: str, answer_body: bytes | None = None) -> Answer:
    """A good page that sets a cookie, for the host and for its domain."""
    body = json.dumps(envelope()).encode() if answer_body is None else answer_body
    cookies = [("Set-Cookie", f"session={value}; Path=/"), ("Set-Cookie", f"user={value}; Path=/; Domain=127.0.0.1")]
    return status(200, body, [JSON, *cookies])
