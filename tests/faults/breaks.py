"""Answers that break off, or are not what their head says."""

import json

from faults.answers import JSON, Answer, head, whole
from faults.exchange import Exchange
from support.rows import envelope


def _good_body() -> bytes:
    return json.dumps(envelope()).encode()


def reset_after(sent: int | None = None, code: int = 200) -> Answer:
    """The first `sent` bytes of an answer, by default its head and half its body, then a reset."""
    answer = whole(code, [JSON], _good_body())
    sent = (answer.index(b"\r\n\r\n") + 4 + len(answer)) // 2 if sent is None else sent

    async def respond(exchange: Exchange) -> None:
        await exchange.send(answer[:sent])
        exchange.reset()

    return respond


def truncated(code: int = 200, missing: int = 10) -> Answer:
    """A body that ends, in the ordinary way, before the length that its head promised."""
    answer = whole(code, [JSON], _good_body())[:-missing]

    async def respond(exchange: Exchange) -> None:
        await exchange.send(answer)
        exchange.close()

    return respond


def too_much(extra: bytes) -> Answer:
    """A good page with `extra` bytes after the length that its head promised."""
    answer = whole(200, [JSON], _good_body()) + extra

    async def respond(exchange: Exchange) -> None:
        await exchange.send(answer)

    return respond


def truncated_chunks(code: int = 200) -> Answer:
    """A chunked body that ends inside a chunk."""
    body = _good_body()
    start = head(code, [JSON, ("Transfer-Encoding", "chunked")])

    async def respond(exchange: Exchange) -> None:
        await exchange.send(start + f"{len(body):x}\r\n".encode() + body[: len(body) // 2])
        exchange.close()

    return respond


def broken_gzip(code: int = 200) -> Answer:
    """Bytes that claim to be gzip and are not."""
    answer = whole(code, [JSON, ("Content-Encoding", "gzip")], b"\x1f\x8b\x08\x00 this is not gzip")

    async def respond(exchange: Exchange) -> None:
        await exchange.send(answer)

    return respond


def nonsense() -> Answer:
    """Bytes that are no HTTP at all."""

    async def respond(exchange: Exchange) -> None:
        await exchange.send(b"\x00\xff220 mail.example ESMTP ready\r\n\r\n")
        exchange.close()

    return respond
