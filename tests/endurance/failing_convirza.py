"""A fast stand-in for Convirza, a known share of whose answers fails.

Which ones does not depend on chance or on the order in which they are asked for: the same question fails the same
number of times in every run, so that what must become of it is known.
"""

import asyncio
import json
import socket
import struct
import threading
from collections import Counter
from hashlib import blake2b
from types import TracebackType
from typing import Self
from urllib.parse import parse_qs, urlsplit

from faults.answers import JSON, whole
from support.rows import envelope, row

AT_ONCE = 8
SLOW_SECONDS = 0.05
_RESET_ON_CLOSE = struct.pack("ii", 1, 0)
_SECONDS_TO_END = 5.0

_ROWS = 7
# Seven rows whose ids begin with the offset that was asked for: an answer that went to the wrong call would show.
_PAGE = json.dumps(envelope([row(f"@{place}") for place in range(_ROWS)])).replace('"@', "@")
for _place in range(_ROWS):
    _PAGE = _PAGE.replace(f'@{_place}"', f"@{_place}")
_OPEN = whole(200, [JSON], json.dumps(envelope([row(1, conversation_updated="2026-02-10T10:35:00.000Z")])).encode())
_CLOSED = whole(200, [JSON], json.dumps(envelope([])).encode())


def first_id(offset: int) -> int:
    """The id of the first row of the page at that offset."""
    return int(f"{offset}0")


class FailingConvirza:
    """`share` of all answers fails, in one of the ways of `kinds`: status, reset, truncated, or slow.

    A page of a whole view never fails three times, one of a list may: `given_up` counts those questions. `answered`
    counts the answers by kind, `methods` the requests by method.
    """

    def __init__(self, share: float, kinds: tuple[str, ...]) -> None:
        self.answered: Counter[str] = Counter()
        self.methods: Counter[str] = Counter()
        self.given_up = 0
        self.port = 0
        self._share = share
        self._kinds = kinds
        self._failed: dict[str, int] = {}
        self._gathered: list[tuple[_Connection, bytes]] | None = None
        self._connections: set[_Connection] = set()
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, name="failing Convirza", daemon=True)

    @property
    def base_url(self) -> str:
        return f"http://127.0.0.1:{self.port}/v3"

    @property
    def requests(self) -> int:
        return sum(self.methods.values())

    def gather(self) -> None:
        """Keep the next questions waiting until as many are there as are asked at once, then answer all of them well.

        After that every connection that a client may have is open.
        """
        self._gathered = []

    def __enter__(self) -> Self:
        self._thread.start()
        listening = self._loop.create_server(lambda: _Connection(self), "127.0.0.1", 0, backlog=512)
        self._server = asyncio.run_coroutine_threadsafe(listening, self._loop).result(_SECONDS_TO_END)
        self.port = self._server.sockets[0].getsockname()[1]
        return self

    def __exit__(
        self, exc_type: type[BaseException] | None, exc_value: BaseException | None, traceback: TracebackType | None
    ) -> None:
        asyncio.run_coroutine_threadsafe(self._end(), self._loop).result(_SECONDS_TO_END)
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(_SECONDS_TO_END)
        self._loop.close()

    async def _end(self) -> None:
        self._server.close()
        for connection in list(self._connections):
            connection.transport.abort()
        # An aborted transport lets its socket go one turn of the loop later.
        for _ in range(3):
            await asyncio.sleep(0)

    def asked(self, connection: "_Connection", head: bytes) -> None:
        method, target, _ = head.decode("ascii").split(" ", 2)
        self.methods[method] += 1
        query = parse_qs(urlsplit(target).query)
        is_view = query["limit"] == ["200"]
        view = _CLOSED if query["type"] == ["close"] else _OPEN
        good = view if is_view else whole(200, [JSON], _PAGE.replace("@", query["offset"][0]).encode())
        if self._gathered is not None:
            self._gathered.append((connection, good))
            if len(self._gathered) == AT_ONCE:
                for waiting, answer in self._gathered:
                    waiting.transport.write(answer)
                self.answered["good"] += AT_ONCE
                self._gathered = None
            return
        kind = self._kind_of(target, is_view)
        self.answered[kind] += 1
        match kind:
            case "good":
                connection.transport.write(good)
            case "status":
                connection.transport.write(whole(503, [JSON], b'{"message":"overloaded"}'))
            case "reset":
                connection.send_half(good)
                connection.reset()
            case "truncated":
                connection.send_half(good)
                connection.transport.close()
            case "slow":
                self._loop.call_later(SLOW_SECONDS, connection.transport.write, good)

    def _kind_of(self, target: str, is_view: bool) -> str:
        before = self._failed.get(target, 0)
        drawn = int.from_bytes(blake2b(f"{target} {before}".encode(), digest_size=8).digest())
        kind = self._kinds[drawn % len(self._kinds)]
        if drawn / 2**64 >= self._share or (is_view and before == 2):
            self._failed.pop(target, None)
            return "good"
        if kind != "slow":
            self._failed[target] = before + 1
            self.given_up += before == 2
        return kind


class _Connection(asyncio.Protocol):
    transport: asyncio.Transport

    def __init__(self, convirza: FailingConvirza) -> None:
        self._convirza = convirza
        self._received = b""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self.transport = transport
        self._convirza._connections.add(self)

    def connection_lost(self, exc: Exception | None) -> None:
        self._convirza._connections.discard(self)

    def data_received(self, data: bytes) -> None:
        self._received += data
        while b"\r\n\r\n" in self._received:
            head, _, self._received = self._received.partition(b"\r\n\r\n")
            self._convirza.asked(self, head)

    def send_half(self, answer: bytes) -> None:
        self.transport.write(answer[: len(answer) // 2])

    def reset(self) -> None:
        raw: socket.socket = self.transport.get_extra_info("socket")
        raw.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _RESET_ON_CLOSE)
        self.transport.abort()
