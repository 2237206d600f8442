"""The process's stdin and stdout, and the lines of a descriptor. Imports little of the standard library.

Only JSON-RPC may reach stdout, so the two descriptors are moved first: later prints go to stderr, and later reads of
stdin find it empty.
"""

import os
import select
import stat
import sys
from collections import deque
from contextlib import suppress

_CHUNK = 64 * 1024
# Bytes that a writable pipe takes without blocking; a cautious guess where there is no such guarantee.
LONGEST_WRITE = getattr(select, "PIPE_BUF", 512)


def claim_standard_streams() -> tuple[int, int]:
    """Return new descriptors for stdin and stdout, and leave nothing else on them."""
    _open_closed_streams()
    wire_in, wire_out = os.dup(0), os.dup(1)
    nothing = os.open(os.devnull, os.O_RDONLY)
    os.dup2(nothing, 0)
    os.close(nothing)
    os.dup2(2, 1)
    return wire_in, wire_out


def _open_closed_streams() -> None:
    # A shell can start a program without stdin, stdout or stderr; the next file opened would take their place.
    for descriptor in (0, 1, 2):
        try:
            os.fstat(descriptor)
        except OSError:
            os.open(os.devnull, os.O_RDWR)


def can_be_polled(descriptor: int) -> bool:
    """Return whether the system reports when the descriptor is ready."""
    # A file and /dev/null are always ready and cannot be waited for; on Windows only sockets can.
    if sys.platform == "win32":
        return False
    mode = os.fstat(descriptor).st_mode
    return stat.S_ISFIFO(mode) or stat.S_ISSOCK(mode) or os.isatty(descriptor)


def has_room(descriptor: int) -> bool:
    """Return whether `LONGEST_WRITE` bytes can be written without waiting; True if unknown."""
    if not can_be_polled(descriptor):
        return True
    poll = select.poll()
    poll.register(descriptor, select.POLLOUT)
    return bool(poll.poll(0))


class LineReader:
    """Lines of a descriptor. `wait` reads; `lines` has the complete lines, without line feeds."""

    def __init__(self, descriptor: int) -> None:
        self.descriptor = descriptor
        self.lines: deque[bytes] = deque()
        self.ended = False
        """Set when the other side has closed its end."""
        self.pollable = can_be_polled(descriptor)
        self._rest = bytearray()
        if self.pollable:
            self._woken, self._waker = os.pipe()
        else:
            # A read cannot be interrupted, so a thread reads ahead, and `wait` takes its bytes.
            from queue import Queue
            from threading import Thread

            self._chunks: Queue[bytes | None] = Queue(maxsize=8)
            Thread(target=self._read_ahead, daemon=True).start()

    def wait(self) -> None:
        """Block until bytes were read, or another thread calls `wake`."""
        if not self.pollable:
            chunk = self._chunks.get()
            if chunk is not None:
                self._take(chunk)
            return
        poll = select.poll()
        for descriptor in (self.descriptor, self._woken):
            poll.register(descriptor, select.POLLIN)
        if self._woken in (ready := [descriptor for descriptor, _ in poll.poll()]):
            os.read(self._woken, 1)
        if self.descriptor in ready:
            self.read()

    def wake(self) -> None:
        """End a `wait` of another thread."""
        if self.pollable:
            os.write(self._waker, b"!")
        else:
            self._chunks.put(None)

    def read(self) -> None:
        """Read once from a descriptor that is ready."""
        self._take(os.read(self.descriptor, _CHUNK))

    def _take(self, chunk: bytes) -> None:
        if not chunk:
            self.ended = True
            if self._rest:
                self.lines.append(bytes(self._rest))
            return
        *lines, rest = chunk.split(b"\n")
        if lines:
            lines[0] = bytes(self._rest) + lines[0]
            self._rest.clear()
            self.lines.extend(lines)
        self._rest += rest

    def _read_ahead(self) -> None:
        # Treat a failed descriptor as the end of input.
        with suppress(OSError):
            while chunk := os.read(self.descriptor, _CHUNK):
                self._chunks.put(chunk)
        self._chunks.put(b"")
