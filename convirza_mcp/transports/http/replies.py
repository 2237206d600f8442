"""Replies that the guard gives itself, and what it adds to those of the server."""

from collections.abc import Callable, Iterable
from hashlib import sha256
from http import HTTPStatus

from starlette.types import Message, Receive, Scope, Send

Headers = Iterable[tuple[str, str]]

OPEN_TO_ALL = (("Access-Control-Allow-Origin", "*"),)
"""For documents without a secret, which any page may read."""

_HOUR = (("Cache-Control", "max-age=3600"),)
# Clients are known to hang on these three raw. In JSON they only occur in strings.
_SEPARATORS = {each.encode(): f"\\u{ord(each):04x}".encode() for each in ("\x85", "\u2028", "\u2029")}


class Refusal(Exception):
    """A request that gets no further: its status, one sentence, and more headers."""

    def __init__(self, status: int, sentence: str, *headers: tuple[str, str]) -> None:
        super().__init__(sentence)
        self.status = status
        self.sentence = sentence
        self.headers = headers

    async def reply(self, scope: Scope, send: Send) -> None:
        # Without "close", a client that has sent half a body keeps its connection.
        headers = (*self.headers, ("Connection", "close"))
        await reply(scope, send, self.status, f"{self.sentence}\n".encode(), headers)


async def reply(
    scope: Scope,
    send: Send,
    status: int,
    body: bytes = b"",
    headers: Headers = (),
    content_type: str = "text/plain; charset=utf-8",
) -> None:
    """Send a whole response; to HEAD its headers alone."""
    fields = [("Content-Length", str(len(body))), *headers]
    if status == HTTPStatus.NO_CONTENT:
        fields = [*headers]
    elif body:
        fields.append(("Content-Type", content_type))
    raw = [(name.lower().encode(), value.encode("latin-1")) for name, value in fields]
    await send({"type": "http.response.start", "status": status, "headers": raw})
    await send({"type": "http.response.body", "body": b"" if scope["method"] == "HEAD" else body})


async def reply_document(scope: Scope, send: Send, body: bytes, content_type: str) -> None:
    """Send a document that clients may keep for an hour, or only say that theirs is still the same."""
    tag = f'"{sha256(body).hexdigest()[:32]}"'
    headers = (*OPEN_TO_ALL, *_HOUR, ("ETag", tag))
    if any(name == b"if-none-match" and tag.encode() in value for name, value in scope["headers"]):
        await reply(scope, send, 304, b"", headers)
    else:
        await reply(scope, send, 200, body, headers, content_type)


def adding(send: Send, headers: Headers, on_status: Callable[[int], None]) -> Send:
    """Return a `send` that adds headers to the response and escapes line separators in its body."""
    raw = [(name.lower().encode(), value.encode("latin-1")) for name, value in headers]

    async def added(message: Message) -> None:
        if message["type"] == "http.response.start":
            on_status(message["status"])
            message = {**message, "headers": [*message.get("headers", ()), *raw]}
        elif not (body := message.get("body", b"")).isascii():
            for separator, escaped in _SEPARATORS.items():
                body = body.replace(separator, escaped)
            message = {**message, "body": body}
        await send(message)

    return added


def replayed(body: bytes, receive: Receive) -> Receive:
    """Return a `receive` that gives a body which was read already, and then what comes after it."""
    first: list[Message] = [{"type": "http.request", "body": body, "more_body": False}]

    async def replay() -> Message:
        return first.pop() if first else await receive()

    return replay
