"""The fault server: raw TCP or TLS on loopback, in a thread with a loop of its own."""

import asyncio
import socket
import ssl
import threading
from collections.abc import Coroutine
from types import TracebackType
from typing import Any, Self

from faults.answers import Answer
from faults.exchange import Exchange
from faults.recording import Connection, Request

_LONGEST_HEAD = 1024 * 1024
SOON = 30.0
"""Seconds by which another thread or process is done, however busy the machine is."""


class FaultServer:
    """Answers the first request with the first of `answers`, the second with the second; the last one repeats.

    The count goes over all connections. With `tls`, a server-side context, the connection is secured first.
    Nothing of it is left when the block ends; a mistake inside an answer is raised there.
    """

    def __init__(self, *answers: Answer, tls: ssl.SSLContext | None = None) -> None:
        self.connections: list[Connection] = []
        self.port = 0
        self._answers = answers
        self._tls = tls
        self._asked = 0
        self._mistakes: list[Exception] = []
        self._serving: set[asyncio.Task[None]] = set()
        self._changed = threading.Condition()
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, name="fault server", daemon=True)

    @property
    def origin(self) -> str:
        return f"{'http' if self._tls is None else 'https'}://127.0.0.1:{self.port}"

    @property
    def base_url(self) -> str:
        return f"{self.origin}/v3"

    @property
    def requests(self) -> list[Request]:
        """Every request, connection by connection."""
        return [request for connection in self.connections for request in connection.requests]

    @property
    def received(self) -> bytes:
        """Every byte, connection by connection."""
        return b"".join(bytes(connection.received) for connection in self.connections)

    def all_closed(self, within: float = SOON) -> bool:
        """Whether every connection has ended, or does so within that many seconds. Blocks."""
        with self._changed:
            return self._changed.wait_for(lambda: all(each.closed for each in self.connections), within)

    def has_requests(self, count: int, within: float = SOON) -> bool:
        """Whether that many requests have come, or do so within that many seconds. Blocks."""
        with self._changed:
            return self._changed.wait_for(lambda: len(self.requests) >= count, within)

    def __enter__(self) -> Self:
        self._thread.start()
        self._run(self._open())
        return self

    def __exit__(
        self, exc_type: type[BaseException] | None, exc_value: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self._run(self._end())
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(SOON)
        self._loop.close()
        if self._mistakes and exc_value is None:
            raise ExceptionGroup("an answer of the fault server failed itself", self._mistakes)

    def _run(self, work: Coroutine[Any, Any, None]) -> None:
        asyncio.run_coroutine_threadsafe(work, self._loop).result(SOON)

    async def _open(self) -> None:
        self._server = await asyncio.start_server(self._accept, "127.0.0.1", 0, limit=_LONGEST_HEAD, backlog=512)
        self.port = self._server.sockets[0].getsockname()[1]

    async def _end(self) -> None:
        self._server.close()
        serving = list(self._serving)
        for task in serving:
            task.cancel()
        await asyncio.gather(*serving, return_exceptions=True)
        # An aborted transport lets its socket go one turn of the loop later, one inside TLS two.
        for _ in range(3):
            await asyncio.sleep(0)

    async def _accept(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        self._serving.add(task)
        connection = Connection()
        self.connections.append(connection)
        try:
            if self._tls is not None:
                connection.secured = False
                # No await may come before this: bytes read in plain would be missing from the handshake.
                await writer.start_tls(self._tls)
                connection.secured = True
            await self._serve(connection, reader, writer)
        except (ConnectionError, ssl.SSLError, asyncio.IncompleteReadError, asyncio.CancelledError):
            # The client's hanging up is what most faults come to; the end of the block is the other way.
            pass
        except Exception as mistake:  # noqa: BLE001 - handed to the thread that can report it
            self._mistakes.append(mistake)
        finally:
            writer.transport.abort()
            self._serving.discard(task)
            with self._changed:
                connection.closed = True
                self._changed.notify_all()

    async def _serve(self, connection: Connection, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while not writer.is_closing():
            try:
                head = await reader.readuntil(b"\r\n\r\n")
            except asyncio.IncompleteReadError as ended:
                connection.received += ended.partial
                return
            connection.received += head
            request = Request.parse(head)
            # A body would be out of place, and is recorded with whatever else comes.
            with self._changed:
                connection.requests.append(request)
                self._changed.notify_all()
            answer = self._answers[min(self._asked, len(self._answers) - 1)]
            self._asked += 1
            await answer(Exchange(request, connection, reader, writer))
        await writer.wait_closed()


def closed_port() -> int:
    """Return a port on loopback that refuses connections, and that no other program gets while this one runs."""
    bound = socket.socket()
    bound.bind(("127.0.0.1", 0))
    port: int = bound.getsockname()[1]
    bound.detach()
    return port
