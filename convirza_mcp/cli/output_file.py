"""A file that a command writes: replaced when complete, else left as it was."""

import os
import signal
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO

from convirza_mcp.errors import InvalidArgumentError
from convirza_mcp.files import atomic_replacement
from convirza_mcp.text.typed import strip_wrapping

STANDARD_OUTPUT = "-"
NO_PLACE = "`output` takes a path such as inbox.csv in an existing, writable folder, or - for standard output."


@contextmanager
def opened(output: str) -> Iterator[IO[bytes]]:
    """Open the file for writing; `-` is standard output.

    Raises:
        InvalidArgumentError: there can be no such file.
    """
    output = strip_wrapping(output)
    if output == STANDARD_OUTPUT:
        yield sys.stdout.buffer
        sys.stdout.buffer.flush()
        return
    path = Path(output)
    has_name = os.path.basename(output) not in ("", os.curdir, os.pardir)  # noqa: PTH119 - Path.name ignores a final slash
    # Replacing a device would break it for every program.
    can_be_file = "\0" not in output and (path.is_file() or not path.exists())
    if not (has_name and can_be_file and os.access(path.parent, os.W_OK)):
        raise InvalidArgumentError("output", NO_PLACE)
    with _sigterm_raises(), atomic_replacement(path) as file:
        yield file


@contextmanager
def _sigterm_raises() -> Iterator[None]:
    """Make SIGTERM raise, so that the half-written file is removed; by default it ends the process at once."""
    before = signal.signal(signal.SIGTERM, lambda *_: signal.raise_signal(signal.SIGINT))
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, before)
