"""A file that is either as it was or wholly new."""

import os
import stat
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import BinaryIO


@contextmanager
def replaced_file(path: Path, *, like: os.stat_result | None = None) -> Iterator[BinaryIO]:
    """Write a file beside `path` that takes its place when the block ends well.

    Whatever else ends the block, Ctrl-C included, leaves `path` as it was and nothing beside it. A link is
    followed: what it points to is replaced. The new file is for its owner's eyes only, or has the mode and the
    owner of `like`.

    Raises:
        OSError: the file cannot be written. IsADirectoryError or FileExistsError where `path` is no plain file.
    """
    path = path.resolve()
    if path.is_dir():
        raise IsADirectoryError(path)
    if path.exists() and not path.is_file():
        # To put a file in the place of a device would take it from everybody.
        raise FileExistsError(path)
    # A name of its own, so that two writers at once do not write into each other. It is made with mode 0600.
    handle, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name[:100]}.", suffix=".part")
    beside = Path(name)
    try:
        with os.fdopen(handle, "wb") as file:
            yield file
            file.flush()
            os.fsync(file.fileno())
        if like is not None:
            _make_alike(beside, like)
        beside.replace(path)
    except BaseException:
        with suppress(FileNotFoundError):
            beside.unlink()
        raise
    _sync_folder(path.parent)


def _make_alike(path: Path, like: os.stat_result) -> None:
    # The owner first: a change of owner may take bits away.
    if hasattr(os, "chown") and (like.st_uid, like.st_gid) != (path.stat().st_uid, path.stat().st_gid):
        # Only root may give a file away; everybody else's is theirs already, all but its group perhaps.
        with suppress(PermissionError):
            os.chown(path, like.st_uid, like.st_gid)
    path.chmod(stat.S_IMODE(like.st_mode))


def _sync_folder(folder: Path) -> None:
    # The new name must outlast a power cut as well. Windows opens no folders, and needs it not.
    with suppress(OSError):
        handle = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)
