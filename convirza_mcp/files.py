"""Read and write small files: private ones with secrets, and atomic replacement of any file.

A private file that other users could read or replace is refused, not repaired, because its secret may be known.
Windows has no such mode bits and owner ids; there the user's profile folder protects the file, and the checks are
skipped.
"""

import errno
import json
import os
import stat
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import BinaryIO

from convirza_mcp.errors import CredentialLockedError, CredentialUnusableError

MAX_BYTES = 64 * 1024
"""The largest private file, and the largest text file that holds a setting."""

_OTHERS = stat.S_IRWXG | stat.S_IRWXO
_OTHERS_WRITE = stat.S_IWGRP | stat.S_IWOTH
_HAS_MODES = os.name == "posix"


def decode_text(content: bytes) -> str:
    """Decode what an editor or a shell saved: UTF-8, UTF-16 or UTF-32, with or without a byte-order mark.

    Raises:
        UnicodeDecodeError: the content is in no such encoding.
    """
    # Windows PowerShell 5 redirects to UTF-16, and Notepad may put a byte-order mark before UTF-8.
    encoding = json.detect_encoding(content)
    if encoding == "utf-8" and b"\0" in content:
        # UTF-16 without a mark whose first character is not ASCII, such as a curly quote.
        encoding = "utf-16-le" if content[1::2].count(0) > content[::2].count(0) else "utf-16-be"
    return content.decode(encoding)


def read_text_file(path: Path, *, at_most: int = MAX_BYTES) -> str:
    """Read a small text file in any encoding that `decode_text` takes.

    Raises:
        OSError: the file cannot be read, or is larger than `at_most` bytes.
        UnicodeDecodeError: the content is not text.
    """
    with path.open("rb") as file:
        content = file.read(at_most + 1)
    if len(content) > at_most:
        raise OSError(errno.EFBIG, os.strerror(errno.EFBIG))
    return decode_text(content)


def private_folder() -> Path:
    """Return the folder for persistent files; do not create it.

    Raises:
        CredentialUnusableError: neither the environment nor the system's list of users names a home folder.
    """
    # Imported here, because a server with a token in the environment needs no folder.
    import platformdirs

    folder = Path()
    with suppress(RuntimeError):
        folder = platformdirs.user_state_path("convirza-mcp", appauthor=False)
    if not folder.is_absolute():
        # A relative path would be a different folder in each working folder.
        raise CredentialUnusableError("convirza-mcp found no home folder.", remedy="Set HOME or XDG_STATE_HOME.")
    return folder


class PrivateFolder:
    """A folder in which a write replaces a whole file or nothing.

    `name` is a plain file name. One writer at a time: the temporary file's name is fixed, so that a killed process
    leaves at most one behind. Every method raises `CredentialUnusableError` where it fails, and a failed write leaves
    the file unchanged. The error names the file and never its path, which may hold the user's name.
    """

    def __init__(self, path: Path) -> None:
        self.path = path

    def make(self) -> None:
        """Create the folder with mode 0700, and its missing parents; refuse one that other users can change."""
        try:
            # Suppressed: a folder, or a link or a file, which the check names.
            with suppress(FileExistsError):
                self.path.mkdir(mode=0o700, parents=True)
            self._check_folder()
            # Other users could list its names, though not change them.
            self.path.chmod(0o700)
        except OSError:
            raise CredentialUnusableError(
                "convirza-mcp's private folder cannot be created.", remedy="Give its user a writable home folder."
            ) from None

    def read(self, name: str) -> bytes | None:
        """Return the file's content; None without a file.

        Raises:
            CredentialUnusableError: other users can read, change or replace it, it belongs to another user, it is a
                link or no regular file, it is larger than `MAX_BYTES`, or it cannot be read.
        """
        try:
            self._check_folder()
            path = self.path / name
            _check_file(path.lstat(), name)
            with path.open("rb") as file:
                content = file.read(MAX_BYTES + 1)
        except FileNotFoundError:
            return None
        except OSError:
            raise CredentialUnusableError(
                f"{_the(name)} cannot be read.", remedy="Make it readable for its owner."
            ) from None
        if len(content) > MAX_BYTES:
            limit = f"{MAX_BYTES // 1024} KiB"
            raise CredentialUnusableError(
                f"{_the(name)} is larger than {limit}, so convirza-mcp did not write it.", remedy="Delete it."
            )
        return content

    def write(self, name: str, content: bytes) -> None:
        """Replace the file with `content`, mode 0600, flushed to the disk."""
        with self._written(name, content) as temporary:
            temporary.replace(self.path / name)
        _sync_folder(self.path)

    def prove_writable(self, name: str) -> None:
        """Write and delete a temporary file of the largest size, before a caller depends on `write`."""
        with self._written(name, bytes(MAX_BYTES)):
            if (self.path / name).is_dir():
                raise IsADirectoryError

    def delete(self, name: str) -> bool:
        """Delete the file and a killed process's temporary file; return whether there was a file."""
        try:
            self._temporary(name).unlink(missing_ok=True)
            (self.path / name).unlink()
        except (FileNotFoundError, NotADirectoryError):
            return False
        except OSError:
            raise CredentialUnusableError(f"{_the(name)} cannot be deleted.", remedy="Delete it by hand.") from None
        _sync_folder(self.path)
        return True

    def read_unfinished(self, name: str) -> bytes | None:
        """Return the temporary file of a killed process, complete or not; raise as `read` does."""
        return self.read(self._temporary(name).name)

    def finish(self, name: str) -> None:
        """Replace the file with what `read_unfinished` returned."""
        with _no_write_failure(name):
            self._temporary(name).replace(self.path / name)
        _sync_folder(self.path)

    def _check_folder(self) -> None:
        status, folder = self.path.lstat(), "convirza-mcp's private folder"
        if not stat.S_ISDIR(status.st_mode):
            raise CredentialUnusableError(f"{folder} is a link or a file.", remedy="Replace it with your own folder.")
        _check_owner(status, folder)
        if _HAS_MODES and status.st_mode & _OTHERS_WRITE:
            raise CredentialUnusableError(
                f"Other users can write to {folder}.",
                remedy="Run `chmod 700` on it. If another user may have changed it, log in again.",
            )

    @contextmanager
    def _written(self, name: str, content: bytes) -> Iterator[Path]:
        """Make the folder, and yield the temporary file with `content`; delete what is left of it."""
        self.make()
        path = self._temporary(name)
        with _no_write_failure(name):
            # Never write to a file that a killed process left, or to a link.
            path.unlink(missing_ok=True)
            try:
                with open(path, "xb", opener=lambda path, flags: os.open(path, flags, 0o600)) as file:
                    file.write(content)
                    file.flush()
                    os.fsync(file.fileno())
                yield path
            finally:
                path.unlink(missing_ok=True)

    def _temporary(self, name: str) -> Path:
        return self.path / f".{name}.new"


def _check_owner(status: os.stat_result, what: str) -> None:
    if _HAS_MODES and status.st_uid != os.geteuid():
        raise CredentialUnusableError(f"{what} belongs to another user.", remedy="Run as its owner, or delete it.")


def _check_file(status: os.stat_result, name: str) -> None:
    if stat.S_ISLNK(status.st_mode):
        raise CredentialUnusableError(f"{_the(name)} is a link.", remedy="Replace it with the file itself.")
    if not stat.S_ISREG(status.st_mode):
        raise CredentialUnusableError(f"{_the(name)} is not a regular file.", remedy="Delete it.")
    _check_owner(status, _the(name))
    if _HAS_MODES and status.st_mode & _OTHERS:
        raise CredentialUnusableError(
            f"{_the(name)} can be read or changed by other users.",
            remedy="Run `chmod 600` on it. If another user may have read it, log in again.",
        )


@contextmanager
def _no_write_failure(name: str) -> Iterator[None]:
    try:
        yield
    except OSError:
        raise CredentialUnusableError(
            f"{_the(name)} cannot be written.", remedy="Free disk space, and make its folder writable."
        ) from None


def _the(name: str) -> str:
    return f"The file {name} in convirza-mcp's private folder"


@contextmanager
def file_lock(path: Path, seconds: float, busy: str) -> Iterator[None]:
    """Hold a lock of the operating system, which ends with its process. 0 seconds try once.

    Raises:
        CredentialLockedError: another program held it the whole time, as `busy` says.
        CredentialUnusableError: the file cannot be locked.
    """
    # Imported here, because few programs take a lock.
    import filelock

    # Threads may differ in acquiring and releasing. A lock that is only a file would survive a killed process.
    lock = filelock.FileLock(path, mode=0o600, thread_local=False, fallback_to_soft=False)
    try:
        lock.acquire(timeout=seconds, poll_interval=0.02)
    except filelock.Timeout:
        raise CredentialLockedError(busy, remedy="Try again in a few seconds.") from None
    except (OSError, NotImplementedError):
        raise CredentialUnusableError(
            f"The file {path.name} cannot be locked.", remedy="Delete it, and keep its folder writable on a local disk."
        ) from None
    try:
        yield
    finally:
        lock.release()


@contextmanager
def atomic_replacement(path: Path, *, like: os.stat_result | None = None) -> Iterator[BinaryIO]:
    """Write a file beside `path` that replaces it when the block ends without an error.

    Any error, Ctrl-C included, leaves `path` unchanged and nothing beside it. A link is followed. The new file has
    mode 0600, or the mode and the owner of `like`.

    Raises:
        OSError: the file cannot be written. IsADirectoryError or FileExistsError if `path` is not a regular file.
    """
    path = path.resolve()
    if path.is_dir():
        raise IsADirectoryError(path)
    if path.exists() and not path.is_file():
        # Replacing a device would break it for every program.
        raise FileExistsError(path)
    # A unique name, so that two writers never share a file. Created with mode 0600.
    handle, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name[:100]}.", suffix=".part")
    beside = Path(name)
    try:
        with os.fdopen(handle, "wb") as file:
            yield file
            file.flush()
            os.fsync(file.fileno())
        if like is not None:
            # The owner first, because a change of owner may clear mode bits. Only root may change it.
            if hasattr(os, "chown"):
                with suppress(PermissionError):
                    os.chown(beside, like.st_uid, like.st_gid)
            beside.chmod(stat.S_IMODE(like.st_mode))
        beside.replace(path)
    finally:
        beside.unlink(missing_ok=True)
    _sync_folder(path.parent)


def _sync_folder(folder: Path) -> None:
    # The new name must survive a power failure. Windows cannot open folders, and does not need this.
    with suppress(OSError):
        handle = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)
