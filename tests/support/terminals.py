"""A command on a real terminal of its own, as a person sits in front of it. POSIX only."""

import os
import select
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path

from support.processes import environment

# The terminal becomes the process's own before the command takes its place: Ctrl-C and /dev/tty then mean this one.
_ON_ITS_TERMINAL = (
    "import fcntl, os, sys, termios; fcntl.ioctl(0, termios.TIOCSCTTY, 0); os.execv(sys.argv[1], sys.argv[1:])"
)
_SECONDS = 20.0


class Terminal:
    """`shown` is everything that stood on the screen so far."""

    def __init__(self, process: "subprocess.Popen[bytes]", outside: int, inside: int) -> None:
        self.process = process
        self.shown = ""
        self._outside = outside
        self._inside = inside

    def wait_for(self, text: str) -> None:
        """Until this stands on the screen, behind whatever was waited for before."""
        start = len(self.shown)
        while text not in self.shown[start:]:
            piece = self._piece()
            assert piece, f"the screen ended without {text!r}:\n{self.shown}"
            self.shown += piece

    def type(self, text: str) -> None:
        left = text.encode(errors="surrogateescape")
        while left:
            left = left[os.write(self._outside, left) :]

    def is_echoing(self) -> bool:
        """Whether the terminal shows what is typed, and takes it line by line."""
        import termios

        local_modes: int = termios.tcgetattr(self._inside)[3]
        return bool(local_modes & termios.ECHO) and bool(local_modes & termios.ICANON)

    def end(self) -> int:
        """Wait for the process to end by itself, and give its exit status."""
        # Read all the while: a full terminal would keep the process from ending.
        while piece := self._piece():
            self.shown += piece
        return self.process.wait(timeout=_SECONDS)

    def _piece(self) -> str:
        """What came next on the screen; nothing once the process has ended."""
        deadline = time.monotonic() + _SECONDS
        ended = False
        while not select.select([self._outside], [], [], 0.02)[0]:
            if ended:
                return ""
            assert time.monotonic() < deadline, f"nothing more on the screen:\n{self.shown}"
            # What it wrote last may have come since the look at the screen: one more look.
            ended = self.process.poll() is not None
        return os.read(self._outside, 65536).decode(errors="replace")


def on_terminal(*arguments: str, **settings: str) -> AbstractContextManager[Terminal]:
    """`convirza-mcp ARGUMENTS` on a terminal, with these settings and no other Convirza variables."""
    return terminal_of([sys.executable, "-m", "convirza_mcp", *arguments], environment(**settings))


@contextmanager
def terminal_of(command: list[str], env: dict[str, str], folder: Path | None = None) -> Iterator[Terminal]:
    """A command on a terminal, with these variables alone, in a folder."""
    import pty

    outside, inside = pty.openpty()
    with subprocess.Popen(
        [sys.executable, "-c", _ON_ITS_TERMINAL, *command],
        stdin=inside,
        stdout=inside,
        stderr=inside,
        start_new_session=True,
        env=env,
        cwd=folder,
    ) as process:
        try:
            yield Terminal(process, outside, inside)
        finally:
            process.kill()
    os.close(inside)
    os.close(outside)
