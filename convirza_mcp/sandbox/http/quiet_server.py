"""A uvicorn server on a socket that already listens, quiet, and quick to stop."""

import asyncio
import signal
import socket
from collections.abc import Callable, Generator
from contextlib import contextmanager, suppress
from types import FrameType
from typing import Any

import uvicorn
from starlette.types import ASGIApp


class QuietServer(uvicorn.Server):
    """Server that runs until `stop` is called from any thread, or, in the main thread, until SIGINT or SIGTERM.

    `serving` is called once it answers, and its signal handlers stand.
    """

    def __init__(self, app: ASGIApp, serving: Callable[[], None]) -> None:
        # uvicorn's own messages stay below the level: stdout and stderr belong to the program that the sandbox runs in.
        config = uvicorn.Config(
            app,
            log_config=None,
            log_level="critical",
            access_log=False,
            lifespan="off",
            ws="none",
            loop="asyncio",
            server_header=False,
            proxy_headers=False,
        )
        super().__init__(config)
        self._serving = serving
        self._stopped = asyncio.Event()
        self._loop: asyncio.AbstractEventLoop | None = None

    def stop(self) -> None:
        self.should_exit = True
        if self._loop is not None:
            # The loop may have ended by itself.
            with suppress(RuntimeError):
                self._loop.call_soon_threadsafe(self._stopped.set)

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        self._loop = asyncio.get_running_loop()
        await super().startup(sockets)
        self._serving()

    async def main_loop(self) -> None:
        # uvicorn's own looks every 0.1 s whether to stop. A tick sets the time in the answers' heads.
        while not await self.on_tick(0):
            with suppress(TimeoutError):
                await asyncio.wait_for(self._stopped.wait(), 1)

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        # uvicorn's own shutdown waits for answers and for connections that clients keep open, which a sandbox need not
        # do. Connections that stay open here would be reported as never closed.
        for server in self.servers:
            server.close()
        # A connection that was accepted just now is among the others after three rounds of the loop.
        for _ in range(3):
            await asyncio.sleep(0)
        for connection in list(self.server_state.connections):
            transport: Any = connection.transport
            transport.abort()
        for task in list(self.server_state.tasks):
            task.cancel()
        await asyncio.sleep(0)

    @contextmanager
    def capture_signals(self) -> Generator[None, None, None]:
        # uvicorn raises a captured signal again when it is done, which ends in a traceback or a killed process.
        def stop(_signal: int, _frame: FrameType | None) -> None:
            self.stop()

        try:
            before = {number: signal.signal(number, stop) for number in (signal.SIGINT, signal.SIGTERM)}
        except ValueError:
            # Only the main thread gets signals; elsewhere the code that started the thread stops the server.
            yield
            return
        try:
            yield
        finally:
            for number, handler in before.items():
                signal.signal(number, handler)
