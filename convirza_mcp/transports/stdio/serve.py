"""Serve one client over stdin and stdout, until either ends or a signal arrives."""

import gc
import os
import signal
import sys
from collections.abc import AsyncIterator, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, NoReturn

import anyio

from convirza_mcp.errors import SettingsError
from convirza_mcp.transports.stdio.lines import LineReader
from convirza_mcp.transports.stdio.messages import MessagesIn, MessagesOut
from convirza_mcp.transports.stdio.wire import LinesIn, LinesOut

_SECONDS_TO_FINISH = 1.0

if TYPE_CHECKING:
    from mcp.server.lowlevel import Server


def serve(
    server: "Server[Any]", reader: LineReader, wire_out: int, unsent: bytes = b"", dropped: bytes = b""
) -> NoReturn:
    """Serve until the client closes stdin, or SIGINT or SIGTERM; then end the process with status 0.

    First the rest of a line that is `unsent` is written. The first line that begins with `dropped` is not.
    """
    # Exclude imported objects, which stay alive, from garbage collection.
    gc.freeze()
    gc.enable()
    try:
        anyio.run(_serve, server, reader, wire_out, unsent, dropped)
    except BaseExceptionGroup as failures:
        unusable, others = failures.split(SettingsError)
        if unusable is None or others is not None:
            raise
        # For example an invalid proxy in the environment, detected when the client is created.
        print(f"convirza-mcp: {_first(unusable)}", file=sys.stderr, flush=True)  # noqa: T201 - the one line of a start
        os._exit(2)
    _leave()


def _leave() -> NoReturn:
    """End the process at once, after everything is closed.

    A thread may still be in read(2), if stdin cannot be polled, or in a name look-up. A normal exit and the loop's
    shutdown would wait for it.
    """
    if sys.stderr is not None:
        sys.stderr.flush()
    os._exit(0)


def _first(failures: BaseExceptionGroup[SettingsError]) -> BaseException:
    inner = failures.exceptions[0]
    return _first(inner) if isinstance(inner, BaseExceptionGroup) else inner


async def _serve(server: "Server[Any]", reader: LineReader, wire_out: int, unsent: bytes, dropped: bytes) -> None:
    incoming, outgoing = LinesIn(reader), LinesOut(wire_out, unsent, dropped)
    with _awaited_signals() as signals:
        try:
            async with anyio.create_task_group() as tasks:
                if signals is not None:
                    tasks.start_soon(_cancel_on_signal, signals, tasks.cancel_scope)
                tasks.start_soon(_cancel_after_the_end, incoming, tasks.cancel_scope)
                async with anyio.create_task_group() as writing:
                    writing.start_soon(outgoing.write_lines)
                    messages = MessagesIn(incoming, outgoing), MessagesOut(outgoing)
                    await server.run(*messages, server.create_initialization_options())
                tasks.cancel_scope.cancel()
        except* (BrokenPipeError, ConnectionResetError):
            # The client closed its end of stdout.
            pass
        # A signal also cancels the writer, perhaps before the SDK's answers to the calls that it ended.
        outgoing.write_what_fits()
        _leave()


async def _cancel_after_the_end(incoming: LinesIn, scope: anyio.CancelScope) -> None:
    # A client that left without reading its answers would block their writer forever.
    await incoming.ended.wait()
    await anyio.sleep(_SECONDS_TO_FINISH)
    scope.cancel()


async def _cancel_on_signal(signals: AsyncIterator[signal.Signals], scope: anyio.CancelScope) -> None:
    async for _ in signals:
        scope.cancel()


@contextmanager
def _awaited_signals() -> Iterator[AsyncIterator[signal.Signals] | None]:
    """Yield SIGINT and SIGTERM during the block; afterwards they do nothing, because the process ends.

    Launchers pass on a Ctrl-C that the terminal also sent, and the second one must not interrupt the shutdown.
    """
    if sys.platform == "win32":
        # Windows cannot await signals; hosts end the process by closing stdin.
        yield None
        return
    awaited = (signal.SIGINT, signal.SIGTERM)
    with anyio.open_signal_receiver(*awaited) as signals:
        try:
            yield signals
        finally:
            # Before the receiver closes, which restores the default handlers.
            signal.pthread_sigmask(signal.SIG_BLOCK, awaited)
