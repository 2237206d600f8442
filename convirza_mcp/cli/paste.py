"""A JSON object with secrets in it, pasted into a terminal: unseen, and however long its lines are."""

import json
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager

_END_OF_INPUT = b"\x04"


def pasted_object(prompt: Callable[[], None], *, most: int) -> bytes:
    """What is pasted until it makes a whole JSON object, Ctrl-D is pressed or `most` bytes have come.

    `prompt` is called as soon as nothing that is pasted will be shown. Standard input must be a terminal.
    """
    if sys.platform == "win32":
        return _visible_lines(prompt, most)
    import os

    descriptor = sys.stdin.fileno()
    pasted = b""
    with _unseen(descriptor):
        prompt()
        while len(pasted) <= most:
            piece, end, _ = os.read(descriptor, 4096).partition(_END_OF_INPUT)
            pasted += piece
            if end or not piece or _is_object(pasted):
                break
    return pasted


def _is_object(text: bytes) -> bool:
    # Most pieces end somewhere else, and reading all there is anew for each would take long.
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
def _unseen(descriptor: int) -> Iterator[None]:
    """No echo, and no lines: a terminal's own lines end at 4,095 characters, which a token response may pass."""
    import termios

    before = termios.tcgetattr(descriptor)
    unseen = termios.tcgetattr(descriptor)
    unseen[3] &= ~(termios.ECHO | termios.ICANON)
    unseen[6][termios.VMIN], unseen[6][termios.VTIME] = 1, 0
    termios.tcsetattr(descriptor, termios.TCSAFLUSH, unseen)
    try:
        yield
    finally:
        # What was pasted behind the object is dropped: the shell would take it for a command.
        termios.tcsetattr(descriptor, termios.TCSAFLUSH, before)
