"""Stands between a client and a server on loopback, and records every byte that the client sends."""

import socket
import threading
from collections.abc import Callable
from contextlib import suppress
from types import TracebackType
from typing import Any, NamedTuple, Self

from faults.recording import Request

_SECONDS_TO_END = 5.0


class Relayed(NamedTuple):
    """One request with its body."""

    request: Request
    body: bytes


class Relay:
    """`with Relay(port) as relay:` is a port of its own, whose bytes go to `port` and back."""

    def __init__(self, port: int) -> None:
        self.port = 0
        self._to = port
        self._received: list[bytearray] = []
        self._sockets: list[socket.socket] = []
        self._threads: list[threading.Thread] = []

    @property
    def origin(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    @property
    def received(self) -> bytes:
        """Every byte, connection by connection."""
        return b"".join(bytes(each) for each in self._received)

    @property
    def requests(self) -> list[Relayed]:
        """Every request, connection by connection; bytes that are no request are a mistake of the client."""
        found = []
        for each in self._received:
            left = bytes(each)
            while left:
                head, end, left = left.partition(b"\r\n\r\n")
                assert end, f"{len(head)} bytes that are no request"
                request = Request.parse(head + end)
                length = int(request.header("content-length") or 0)
                assert request.header("transfer-encoding") is None
                found.append(Relayed(request, left[:length]))
                left = left[length:]
        return found

    def __enter__(self) -> Self:
        self._listening = socket.create_server(("127.0.0.1", 0), backlog=64)
        self.port = self._listening.getsockname()[1]
        self._start(self._accept)
        return self

    def __exit__(
        self, exc_type: type[BaseException] | None, exc_value: BaseException | None, traceback: TracebackType | None
    ) -> None:
        for each in (self._listening, *self._sockets):
            with suppress(OSError):
                each.shutdown(socket.SHUT_RDWR)
            each.close()
        for thread in self._threads:
            thread.join(_SECONDS_TO_END)

    def _start(self, work: Callable[..., None], *given: Any) -> None:
        thread = threading.Thread(target=work, args=given, daemon=True)
        self._threads.append(thread)
        thread.start()

    def _accept(self) -> None:
        while True:
            try:
                client, _ = self._listening.accept()
                server = socket.create_connection(("127.0.0.1", self._to))
            except OSError:
                return
            self._sockets += [client, server]
            record = bytearray()
            self._received.append(record)
            self._start(_pump, client, server, record)
            self._start(_pump, server, client, bytearray())


def _pump(source: socket.socket, sink: socket.socket, record: bytearray) -> None:
    with suppress(OSError):
        while piece := source.recv(65_536):
            record += piece
            sink.sendall(piece)
    with suppress(OSError):
        sink.shutdown(socket.SHUT_WR)
