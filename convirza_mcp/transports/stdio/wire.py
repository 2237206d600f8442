"""The process's own stdin and stdout as line streams, with everything else kept off them.

Nothing but JSON-RPC may reach stdout, so the two descriptors are moved away first: what prints afterwards
lands on stderr, and what reads stdin finds it empty. Reading and writing wait for the descriptor instead of
blocking a thread, because a thread inside read(2) cannot be cancelled: with one, Ctrl-C hangs until the next
line comes.
"""

import os
import select
import stat
import sys
from collections.abc import Awaitable, Callable
from typing import Self, TypeVar

import anyio
import anyio.to_thread

from convirza_mcp.text.clean import without_lone_surrogates

Result = TypeVar("Result")

_CHUNK = 64 * 1024
# What a pipe that polls as writable takes without blocking; where there is no such promise, a cautious guess.
_WRITE = getattr(select, "PIPE_BUF", 512)


def claim_standard_streams() -> tuple[int, int]:
    """Descriptors for what were stdin and stdout, and nothing else left on them."""
    _open_what_is_closed()
    wire_in, wire_out = os.dup(0), os.dup(1)
    nothing = os.open(os.devnull, os.O_RDONLY)
    os.dup2(nothing, 0)
    os.close(nothing)
    os.dup2(2, 1)
    return wire_in, wire_out


def _open_what_is_closed() -> None:
    # A shell can start a program without stdin, stdout or stderr; whatever it opened next would take their place.
    for descriptor in (0, 1, 2):
        try:
            os.fstat(descriptor)
        except OSError:
            os.open(os.devnull, os.O_RDWR)


class LinesIn:
    """The lines of a descriptor, as the SDK's stdio transport iterates over them."""

    def __init__(self, descriptor: int) -> None:
        self._descriptor = descriptor
        self._read = _when_ready(descriptor, anyio.wait_readable, lambda: os.read(descriptor, _CHUNK))
        self._lines: list[bytes] = []
        self._rest = bytearray()
        self._ended = False
        self.ended = anyio.Event()
        """Set when the other side has closed its end."""

    def __aiter__(self) -> Self:
        return self

    async def __anext__(self) -> str:
        while not self._lines:
            if self._ended:
                raise StopAsyncIteration
            chunk = await self._read()
            if chunk:
                *lines, rest = chunk.split(b"\n")
                if lines:
                    lines[0] = bytes(self._rest) + lines[0]
                    self._rest.clear()
                    self._lines = lines[::-1]
                self._rest += rest
            else:
                self._ended = True
                self.ended.set()
                if self._rest:
                    self._lines = [bytes(self._rest)]
        # The SDK drops a line that it cannot parse without an answer, and half an emoji in an argument is enough.
        return without_lone_surrogates(self._lines.pop().decode("utf-8", errors="replace"))


class LinesOut:
    """A descriptor to which the SDK's stdio transport writes lines."""

    def __init__(self, descriptor: int) -> None:
        self._descriptor = descriptor
        self._pending = b""
        self._write = _when_ready(descriptor, _writable, self._write_some)

    async def write(self, text: str) -> None:
        # Clients are known to hang on these three raw; inside JSON they only ever stand in strings.
        for separator in ("\x85", "\u2028", "\u2029"):
            if separator in text:
                text = text.replace(separator, f"\\u{ord(separator):04x}")
        self._pending += text.encode("utf-8", errors="replace")

    async def flush(self) -> None:
        while self._pending:
            await self._write()

    def _write_some(self) -> None:
        written = os.write(self._descriptor, self._pending[:_WRITE])
        self._pending = self._pending[written:]


async def _writable(descriptor: int) -> None:
    # As a rule there is room, and asking costs less than a turn of the event loop.
    poll = select.poll()
    poll.register(descriptor, select.POLLOUT)
    if not poll.poll(0):
        await anyio.wait_writable(descriptor)


def _when_ready(
    descriptor: int, wait: Callable[[int], Awaitable[None]], act: Callable[[], Result]
) -> Callable[[], Awaitable[Result]]:
    async def polled() -> Result:
        await wait(descriptor)
        return act()

    async def in_thread() -> Result:
        return await anyio.to_thread.run_sync(act, abandon_on_cancel=True)

    return polled if can_be_polled(descriptor) else in_thread


def can_be_polled(descriptor: int) -> bool:
    """Whether the system says when the descriptor is ready."""
    # A file and /dev/null are always ready and cannot be waited for; on Windows only sockets can.
    if sys.platform == "win32":
        return False
    mode = os.fstat(descriptor).st_mode
    return stat.S_ISFIFO(mode) or stat.S_ISSOCK(mode) or os.isatty(descriptor)
