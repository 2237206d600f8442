"""Connections: the listening socket, limits on their number and on a head's time, and an orderly shutdown."""

import asyncio
import signal
import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from typing import Any, cast

import uvicorn
from h11 import IDLE, SEND_BODY, LocalProtocolError
from uvicorn.protocols.http.h11_impl import H11Protocol
from uvicorn.server import HANDLED_SIGNALS

from convirza_mcp.errors import InvalidArgumentError
from convirza_mcp.transports.http.app import HttpApp

SECONDS_TO_FINISH = 5
_HEAD_SECONDS = 10.0
_MAX_CONNECTIONS = 2_000
# Connections to Convirza, the store's files, and connections that are accepted before others are closed.
_OTHER_FILES = 512
_BACKLOG = 256
# Above a proxy's idle time, or the proxy would send a request into a connection that closes.
_KEEP_ALIVE_SECONDS = 75
# A subscriber that vanished does not acknowledge the pings, which are sent every 15 seconds.
_UNACKNOWLEDGED_MS = 12_000


def bound_socket(host: str, port: int) -> socket.socket:
    """Return a socket that listens on `host` and `port`; port 0 takes a free one.

    Raises:
        InvalidArgumentError: the address cannot be bound.
    """
    try:
        family, *_, address = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE)[0]
        listening = socket.create_server(address[:2], family=family, backlog=_BACKLOG)
    except (OSError, UnicodeError):
        raise InvalidArgumentError(
            "port", "The address cannot be bound: `--port` is in use, or `--host` is not this computer's."
        ) from None
    listening.setblocking(False)
    return listening


def configured_server(
    app: HttpApp,
    on_start: Callable[[], None],
    *,
    head_seconds: float = _HEAD_SECONDS,
    max_connections: int | None = None,
) -> uvicorn.Server:
    """Return the server that runs the application until a signal; it calls `on_start` when it takes calls.

    `head_seconds` is the time in which the head of a request has to arrive. Of more connections than `max_connections`,
    the one is closed that has waited longest for a request; the default is as many as this process may have.
    """
    most = _possible_connections() if max_connections is None else max_connections
    config = uvicorn.Config(
        app.guard,
        # uvicorn calls it as it does a class, and its types know only classes.
        http=partial(_Protocol, head_seconds=head_seconds, most=most, waiting={}),  # type: ignore[arg-type]
        loop="asyncio",
        ws="none",
        lifespan="on",
        log_config=None,
        access_log=False,
        proxy_headers=False,
        server_header=False,
        limit_concurrency=most + _BACKLOG,
        backlog=min(_BACKLOG, most),
        timeout_keep_alive=_KEEP_ALIVE_SECONDS,
        timeout_graceful_shutdown=SECONDS_TO_FINISH,
        h11_max_incomplete_event_size=16_384,
    )
    return _Server(config, app, on_start)


def _possible_connections() -> int:
    """Raise the process's limit of open files if needed, and return how many connections fit below it.

    At the limit itself, asyncio would log thousands of lines, and neither the store nor Convirza could be reached.
    """
    try:
        import resource
    except ImportError:
        # Windows has no such limit.
        return _MAX_CONNECTIONS
    files, most_files = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = _MAX_CONNECTIONS + _OTHER_FILES
    if files != resource.RLIM_INFINITY and files < wanted:
        files = wanted if most_files == resource.RLIM_INFINITY else min(wanted, most_files)
        resource.setrlimit(resource.RLIMIT_NOFILE, (files, most_files))
        return max(files - _OTHER_FILES, files // 4)
    return _MAX_CONNECTIONS


class _Protocol(H11Protocol):
    """Protocol that closes a connection if a request's head does not arrive, if the other end vanished, or if there are
    too many. `waiting` has the connections without a whole request, the one that waits longest first.
    """

    def __init__(
        self, *args: Any, head_seconds: float, most: int, waiting: "dict[_Protocol, None]", **options: Any
    ) -> None:
        super().__init__(*args, **options)
        self._head_seconds = head_seconds
        self._most = most
        self._waiting = waiting
        self._deadline: asyncio.TimerHandle | None = None

    # uvicorn narrows asyncio's type in the same way.
    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        super().connection_made(cast("asyncio.Transport", _JoinedWrites(transport, self.loop)))
        self._await_head()
        self._waiting[self] = None
        if len(self.connections) > self._most:
            oldest = next(iter(self._waiting))
            del self._waiting[oldest]
            oldest.transport.close()
        sock = transport.get_extra_info("socket")
        # asyncio does so only for sockets with an explicit protocol. Without it, each answer waits 40 ms for an ACK.
        sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        if hasattr(socket, "TCP_USER_TIMEOUT"):
            sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_USER_TIMEOUT, _UNACKNOWLEDGED_MS)

    def connection_lost(self, exc: Exception | None) -> None:
        self._await_nothing()
        self._waiting.pop(self, None)
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        super().data_received(data)
        # uvicorn's time for an idle connection ends with the first byte of the next request.
        if self.conn.their_state is IDLE:
            self._await_head()
        else:
            self._await_nothing()
            if self.conn.their_state is not SEND_BODY:
                self._waiting.pop(self, None)

    def on_response_complete(self) -> None:
        super().on_response_complete()
        # The next request may have come already, or the end of the connection.
        if self.conn.their_state is IDLE and not self.transport.is_closing():
            self._waiting[self] = None

    def send_400_response(self, msg: str) -> None:
        try:
            super().send_400_response(msg)
        except LocalProtocolError:
            # The malformed bytes came behind a request whose response has begun.
            self.transport.close()

    def _await_head(self) -> None:
        if self._deadline is None:
            self._deadline = self.loop.call_later(self._head_seconds, self.transport.close)

    def _await_nothing(self) -> None:
        if self._deadline is not None:
            self._deadline.cancel()
            self._deadline = None


class _JoinedWrites:
    """Transport that collects the writes of one turn of the event loop, and sends them together.

    uvicorn writes an answer's head and its body one after the other, and each would cost a system call and a packet.
    Every other method is the transport's own.
    """

    def __init__(self, transport: asyncio.Transport, loop: asyncio.AbstractEventLoop) -> None:
        self._transport = transport
        self._loop = loop
        self._written: list[bytes] = []

    def __getattr__(self, name: str) -> Any:
        return getattr(self._transport, name)

    def write(self, data: bytes) -> None:
        if not self._written:
            self._loop.call_soon(self._send)
        self._written.append(data)

    def close(self) -> None:
        self._send()
        self._transport.close()

    def _send(self) -> None:
        if self._written:
            self._transport.write(b"".join(self._written))
            self._written.clear()


class _Server(uvicorn.Server):
    def __init__(self, config: uvicorn.Config, app: HttpApp, on_start: Callable[[], None]) -> None:
        super().__init__(config)
        self._app = app
        self._on_start = on_start

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        self._on_start()

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        self._app.stop()
        asyncio.get_running_loop().call_later(SECONDS_TO_FINISH - 1, self._app.guard.cancel_calls)
        await super().shutdown(sockets)

    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        if threading.current_thread() is not threading.main_thread():
            yield
            return
        # As uvicorn does, except that a signal is not raised again: this ending is an orderly one.
        before = {each: signal.signal(each, self.handle_exit) for each in HANDLED_SIGNALS}
        try:
            yield
        finally:
            for each, handler in before.items():
                signal.signal(each, handler)
