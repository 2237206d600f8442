"""A file that is either as it was or wholly new."""

import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import BinaryIO


@contextmanager
def replaced_file(path: Path) -> Iterator[BinaryIO]:
    """Write a file beside `path`, for its owner's eyes only, that takes its place when the block ends well.

    Whatever else ends the block, Ctrl-C included, leaves `path` as it was and nothing beside it. A link is
    followed: what it points to is replaced.

    Raises:
        OSError: the file cannot be written. IsADirectoryError or FileExistsError where `path` is no plain file.
    """
    path = path.resolve()
    if path.is_dir():
        raise IsADirectoryError(path)
    if path.exists() and not path.is_file():
        # To put a file in the place of a device would take it from everybody.
        raise FileExistsError(path)
    # A name of its own, so that two exports at once do not write into each other. It is made with mode 0600.
    handle, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name[:100]}.", suffix=".part")
    beside = Path(name)
    try:
        with os.fdopen(handle, "wb") as file:
            yield file
            file.flush()
            os.fsync(file.fileno())
        beside.replace(path)
    except BaseException:
        with suppress(FileNotFoundError):
            beside.unlink()
        raise
    _sync_folder(path.parent)


def _sync_folder(folder: Path) -> None:
    # The new name must outlast a power cut as well. Windows opens no folders, and needs it not.
    with suppress(OSError):
        handle = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)
