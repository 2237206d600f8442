"""Read a JSON object with secrets pasted into a terminal: without echo, and with lines of any length."""

import json
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager

_END_OF_INPUT = b"\x04"


def read_pasted_object(prompt: Callable[[], None], *, most: int) -> bytes:
    """Return the pasted bytes once they form a JSON object, after Ctrl-D, or after `most` bytes.

    Calls `prompt` when echo is off. Standard input must be a terminal.
    """
    if sys.platform == "win32":
        return _visible_lines(prompt, most)
    import os

    descriptor = sys.stdin.fileno()
    pasted = b""
    with _without_echo(descriptor):
        prompt()
        while len(pasted) <= most:
            piece, end, _ = os.read(descriptor, 4096).partition(_END_OF_INPUT)
            pasted += piece
            if end or not piece or _is_object(pasted):
                break
    return pasted


def _is_object(text: bytes) -> bool:
    # Parse only after a closing brace, because parsing everything after each chunk would be slow.
    if not text.rstrip().endswith(b"}"):
        return False
    try:
        return isinstance(json.loads(text), dict)
    except (ValueError, RecursionError):
        return False


def _visible_lines(prompt: Callable[[], None], most: int) -> bytes:
    prompt()
    pasted = b""
    for line in sys.stdin:
        pasted += line.encode()
        if _is_object(pasted) or len(pasted) > most:
            break
    return pasted


@contextmanager
def _without_echo(descriptor: int) -> Iterator[None]:
    """Turn off echo and line mode: terminal lines end at 4,095 characters, and a token response may be longer."""
    import termios

    before = termios.tcgetattr(descriptor)
    unseen = termios.tcgetattr(descriptor)
    unseen[3] &= ~(termios.ECHO | termios.ICANON)
    unseen[6][termios.VMIN], unseen[6][termios.VTIME] = 1, 0
    termios.tcsetattr(descriptor, termios.TCSAFLUSH, unseen)
    try:
        yield
    finally:
        # Drop text pasted after the object, because the shell would run it as a command.
        termios.tcsetattr(descriptor, termios.TCSAFLUSH, before)
