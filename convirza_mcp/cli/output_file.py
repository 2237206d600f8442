"""A file that a command writes: replaced when complete, else left as it was."""

import os
import signal
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO

from convirza_mcp.errors import InvalidArgumentError, OutputError
from convirza_mcp.files import atomic_replacement

STANDARD_OUTPUT = "-"
NO_PLACE = "`output` takes a path such as inbox.csv in an existing, writable folder, or - for standard output."


@contextmanager
def opened(output: str) -> Iterator[IO[bytes]]:
    """Open the file for writing; `-` is standard output.

    Raises:
        InvalidArgumentError: there can be no such file.
        OutputError: the file could not be written.
    """
    if output == STANDARD_OUTPUT:
        yield sys.stdout.buffer
        sys.stdout.buffer.flush()
        return
    # A Path drops the slash at the end: `folder/` would become a file of that name.
    if os.path.basename(output) in ("", os.curdir, os.pardir):  # noqa: PTH119
        raise InvalidArgumentError("output", NO_PLACE)
    begun = False
    try:
        with _sigterm_raises(), atomic_replacement(Path(output)) as file:
            begun = True
            yield file
    except (OSError, ValueError) as error:
        if begun and isinstance(error, OSError):
            raise OutputError(
                f"The file could not be written: {error.strerror}.", remedy="Free disk space, or choose another path."
            ) from None
        if begun:
            raise
        raise InvalidArgumentError("output", NO_PLACE) from None


@contextmanager
def _sigterm_raises() -> Iterator[None]:
    """Make SIGTERM raise, so that the half-written file is removed; by default it ends the process at once."""
    before = signal.signal(signal.SIGTERM, lambda *_: signal.raise_signal(signal.SIGINT))
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, before)
