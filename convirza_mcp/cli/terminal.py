"""Input from a terminal: whether there is one, and a JSON object with secrets pasted into it."""

import json
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager

_END_OF_INPUT = b"\x04"


def is_terminal(stream: object) -> bool:
    """Return whether `stream` is a terminal; it is None if the program was started without it."""
    isatty = getattr(stream, "isatty", None)
    return isatty is not None and bool(isatty())


def read_pasted_object(prompt: Callable[[], None], *, most: int) -> bytes:
    """Return the pasted bytes once they form a JSON object, after Ctrl-D, or after `most` bytes.

    Calls `prompt` when echo is off; on Windows the text is visible. Standard input must be a terminal.
    """
    pasted = b""
    with _pieces(prompt) as pieces:
        for piece in pieces:
            before, end, _ = piece.partition(_END_OF_INPUT)
            pasted += before
            if end or len(pasted) > most or _is_object(pasted):
                break
    return pasted


def _is_object(text: bytes) -> bool:
    # Parse only after a closing brace, because parsing everything after each chunk would be slow.
    if not text.rstrip().endswith(b"}"):
        return False
    try:
        return isinstance(json.loads(text), dict)
    except ValueError:
        return False


@contextmanager
def _pieces(prompt: Callable[[], None]) -> Iterator[Iterator[bytes]]:
    """Turn off echo and line mode: terminal lines end at 4,095 characters, and a token response may be longer."""
    if sys.platform == "win32":
        prompt()
        yield (line.encode() for line in sys.stdin)
        return
    import os
    import termios

    descriptor = sys.stdin.fileno()
    before = termios.tcgetattr(descriptor)
    unseen = termios.tcgetattr(descriptor)
    unseen[3] &= ~(termios.ECHO | termios.ICANON)
    unseen[6][termios.VMIN], unseen[6][termios.VTIME] = 1, 0
    termios.tcsetattr(descriptor, termios.TCSAFLUSH, unseen)
    try:
        prompt()
        yield iter(lambda: os.read(descriptor, 4096), b"")
    finally:
        # Drop text pasted after the object, because the shell would run it as a command.
        termios.tcsetattr(descriptor, termios.TCSAFLUSH, before)
