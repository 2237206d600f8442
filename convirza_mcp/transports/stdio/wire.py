"""Lines in and out inside the event loop.

Reading and writing wait for the descriptor instead of blocking a thread, because a thread inside read(2) cannot be
cancelled: with one, Ctrl-C hangs until the next line comes.
"""

import os
from collections.abc import AsyncIterator
from contextlib import suppress

import anyio
import anyio.to_thread

from convirza_mcp.transports.stdio.lines import LONGEST_WRITE, LineReader, can_be_polled, has_room


class LinesIn:
    """Stream of the lines of a reader."""

    def __init__(self, reader: LineReader) -> None:
        self._reader = reader
        self.ended = anyio.Event()
        """Set when the other side has closed its end."""

    async def __aiter__(self) -> AsyncIterator[bytes]:
        reader = self._reader
        while True:
            if reader.ended:
                self.ended.set()
            while reader.lines:
                yield reader.lines.popleft()
            if reader.ended:
                return
            if reader.pollable:
                await anyio.wait_readable(reader.descriptor)
                reader.read()
            else:
                await anyio.to_thread.run_sync(reader.wait, abandon_on_cancel=True)


class LinesOut:
    """Writes lines to a descriptor in the order of `put`, in the task that runs `write_lines`."""

    def __init__(self, descriptor: int, unsent: bytes = b"", dropped: bytes = b"") -> None:
        self._descriptor = descriptor
        self._pollable = can_be_polled(descriptor)
        self._pending = bytearray(unsent)
        self._dropped = dropped
        self._changed = anyio.Event()
        self._closed = False

    def put(self, line: str) -> None:
        # Some clients hang on these three unescaped; in JSON they occur only in strings.
        for separator in ("\x85", "\u2028", "\u2029"):
            if separator in line:
                line = line.replace(separator, f"\\u{ord(separator):04x}")
        data = line.encode("utf-8", errors="replace")
        if self._dropped and data.startswith(self._dropped):
            # The front already answered this request.
            self._dropped = b""
            return
        self._pending += data
        self._pending += b"\n"
        self._changed.set()

    def close(self) -> None:
        self._closed = True
        self._changed.set()

    async def write_lines(self) -> None:
        """Write until everything is written and `close` was called.

        Raises:
            OSError: the other side has closed its end.
        """
        while self._pending or not self._closed:
            if not self._pending:
                await self._changed.wait()
                self._changed = anyio.Event()
            elif self._pollable:
                # There usually is space, and checking costs less than an event-loop iteration.
                if not has_room(self._descriptor):
                    await anyio.wait_writable(self._descriptor)
                self._write()
            else:
                await anyio.to_thread.run_sync(self._write, abandon_on_cancel=True)

    def write_what_fits(self) -> None:
        """Write as much as the descriptor takes without waiting. Never raises."""
        with suppress(OSError):
            while self._pending and self._pollable and has_room(self._descriptor):
                self._write()

    def _write(self) -> None:
        written = os.write(self._descriptor, self._pending[:LONGEST_WRITE])
        del self._pending[:written]
