"""Answers that are small on the wire or endless, and made without holding them."""

import gzip
import zlib
from collections.abc import Iterator
from functools import cache

from faults.answers import JSON, Answer, head
from faults.exchange import Exchange

MIB = 1024 * 1024


def gzip_bomb(mebibytes: int, code: int = 200) -> Answer:
    """Spaces, decoded `mebibytes` MiB of them, at about a thousandth of that on the wire.

    White space is where a JSON parser has most patience.
    """
    start = head(code, [JSON, ("Content-Encoding", "gzip"), ("Connection", "close")])

    async def respond(exchange: Exchange) -> None:
        await exchange.send(start)
        for piece in _gzipped_spaces(mebibytes):
            await exchange.send(piece)
        exchange.close()

    return respond


def gzipped(body: bytes, code: int = 200) -> Answer:
    """That body, compressed."""
    packed = gzip.compress(body)
    answer = head(code, [JSON, ("Content-Encoding", "gzip"), ("Content-Length", str(len(packed)))]) + packed

    async def respond(exchange: Exchange) -> None:
        await exchange.send(answer)

    return respond


def flood(mebibytes: int, code: int = 200) -> Answer:
    """A body without a length and without a compression."""
    start = head(code, [JSON, ("Connection", "close")])
    piece = b" " * 65_536

    async def respond(exchange: Exchange) -> None:
        await exchange.send(start)
        for _ in range(mebibytes * MIB // len(piece)):
            await exchange.send(piece)
        exchange.close()

    return respond


def nested_encodings(depth: int) -> Answer:
    """A page compressed `depth` times over."""
    body = b'{"data":{"total":0,"conversation":[]}}'
    for _ in range(depth):
        body = gzip.compress(body)
    encodings = ", ".join(["gzip"] * depth)
    answer = head(200, [JSON, ("Content-Encoding", encodings), ("Content-Length", str(len(body)))]) + body

    async def respond(exchange: Exchange) -> None:
        await exchange.send(answer)

    return respond


def _gzipped_spaces(mebibytes: int) -> Iterator[bytes]:
    # After a full flush the compressor starts anew, so that one compressed piece may be sent again and again.
    yield b"\x1f\x8b\x08\x00\x00\x00\x00\x00\x00\xff"
    piece, end = _deflated_spaces()
    for _ in range(mebibytes):
        yield piece
    checksum = 0
    for _ in range(mebibytes):
        checksum = zlib.crc32(_SPACES, checksum)
    yield end + checksum.to_bytes(4, "little") + (mebibytes * MIB % 2**32).to_bytes(4, "little")


_SPACES = b" " * MIB


@cache
def _deflated_spaces() -> tuple[bytes, bytes]:
    deflate = zlib.compressobj(9, zlib.DEFLATED, -zlib.MAX_WBITS)
    return deflate.compress(_SPACES) + deflate.flush(zlib.Z_FULL_FLUSH), deflate.flush(zlib.Z_FINISH)
