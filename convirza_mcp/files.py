"""Small files with secrets in them, for their owner's eyes only.

What others could read, or could have put there, is refused rather than mended: a secret that lay open may be known
already. On Windows files have no such bits and no owner's number; there, what the user's profile folder lets in is
the protection, and the checks of mode and owner are skipped.
"""

import os
import stat
from contextlib import suppress
from pathlib import Path

from convirza_mcp.errors import CredentialUnusableError

MAX_BYTES = 64 * 1024
"""More than this is no file of ours."""

_PRIVATE_FILE = 0o600
_PRIVATE_FOLDER = 0o700
_OTHERS = stat.S_IRWXG | stat.S_IRWXO
_OTHERS_WRITE = stat.S_IWGRP | stat.S_IWOTH
_HAS_MODES = os.name == "posix"
# Zero where a system has no such flag. Without O_NONBLOCK the opening of a pipe would wait for its other end.
_READ = os.O_RDONLY | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_BINARY", 0)
_CREATE = os.O_WRONLY | os.O_CREAT | os.O_EXCL | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_BINARY", 0)


def private_folder() -> Path:
    """Where convirza-mcp keeps what outlives a run; nothing is created.

    Raises:
        CredentialUnusableError: neither the environment nor the system's list of users names a home folder.
    """
    # Imported here: a server with its token in the environment needs no folder.
    import platformdirs

    try:
        folder = platformdirs.user_state_path("convirza-mcp", appauthor=False)
    except RuntimeError:
        folder = Path()
    if not folder.is_absolute():
        # It would be another one in each working folder.
        raise CredentialUnusableError("convirza-mcp finds no home folder: set HOME or XDG_STATE_HOME.")
    return folder


class PrivateFolder:
    """A folder of which each file is either as it was or wholly new.

    `name`, below, is a plain file name. One writer at a time: the name of the temporary file is fixed, so that a
    process that was killed leaves one at most, and two writers at once would write into each other.
    Raised sentences hold that name, and no path: a path may hold the user's.
    """

    def __init__(self, path: Path) -> None:
        self.path = path

    def make(self) -> None:
        """Create the folder with mode 0700, as well as the folders above it that are missing; check one that exists.

        Raises:
            CredentialUnusableError: it cannot be created, or others can change what is in it.
        """
        try:
            for folder in reversed([self.path, *self.path.parents]):
                if not folder.exists():
                    with suppress(FileExistsError):
                        folder.mkdir(_PRIVATE_FOLDER)
            self._check_folder()
            if _HAS_MODES and stat.S_IMODE(self.path.lstat().st_mode) & _OTHERS:
                # Nobody could change what is in it; now nobody can see its names, either.
                self.path.chmod(_PRIVATE_FOLDER)
        except OSError:
            raise CredentialUnusableError(
                "convirza-mcp's private folder cannot be created: give it a home folder that it may write to."
            ) from None

    def read(self, name: str) -> bytes | None:
        """The file's content; None when there is no such file.

        Raises:
            CredentialUnusableError: others can read, change or replace it, it belongs to another user, it is a link or
                no regular file, it is larger than `MAX_BYTES`, or it cannot be read.
        """
        try:
            self._check_folder()
            return self._read(name)
        except FileNotFoundError:
            return None
        except OSError:
            raise CredentialUnusableError(f"{_the(name)} cannot be read: give its owner back the right to.") from None

    def write(self, name: str, content: bytes) -> None:
        """Put `content` in the file's place with mode 0600, all of it or nothing, and through to the disk.

        Raises:
            CredentialUnusableError: it cannot be written; the file is as it was.
        """
        self.make()
        try:
            temporary = self._write_temporary(name, content)
            try:
                temporary.replace(self.path / name)
            except BaseException:
                temporary.unlink(missing_ok=True)
                raise
        except OSError:
            raise _not_writable(name) from None
        self._sync()

    def prove_writable(self, name: str) -> None:
        """Write as much as a file can hold beside it, and take it away again: for before something is at stake.

        Raises:
            CredentialUnusableError: `write` would fail.
        """
        self.make()
        try:
            if (self.path / name).is_dir():
                raise IsADirectoryError
            self._write_temporary(name, bytes(MAX_BYTES)).unlink()
        except OSError:
            raise _not_writable(name) from None

    def delete(self, name: str) -> bool:
        """Remove the file and what a killed process left of it; whether there was one.

        Raises:
            CredentialUnusableError: it cannot be removed.
        """
        try:
            self._temporary(name).unlink(missing_ok=True)
            (self.path / name).unlink()
        except (FileNotFoundError, NotADirectoryError):
            return False
        except OSError:
            raise CredentialUnusableError(f"{_the(name)} cannot be deleted: delete it by hand.") from None
        self._sync()
        return True

    def read_unfinished(self, name: str) -> bytes | None:
        """What a killed process had written and not yet put in the file's place, whole or not; as `read` otherwise."""
        return self.read(self._temporary(name).name)

    def finish(self, name: str) -> None:
        """Put what `read_unfinished` gave in the file's place.

        Raises:
            CredentialUnusableError: it cannot be.
        """
        try:
            self._temporary(name).replace(self.path / name)
        except OSError:
            raise _not_writable(name) from None
        self._sync()

    def _check_folder(self) -> None:
        status = self.path.lstat()
        if not stat.S_ISDIR(status.st_mode):
            raise CredentialUnusableError(
                "convirza-mcp's private folder is a link or a file: put a folder of your own in its place."
            )
        if _HAS_MODES and status.st_uid != os.geteuid():
            raise CredentialUnusableError(
                "convirza-mcp's private folder belongs to another user: run as its owner, or delete it."
            )
        if _HAS_MODES and status.st_mode & _OTHERS_WRITE:
            raise CredentialUnusableError(
                "Other users can write to convirza-mcp's private folder: run `chmod 700` on it, and log in again if "
                "somebody may have."
            )

    def _read(self, name: str) -> bytes:
        path = self.path / name
        if path.is_symlink():
            raise CredentialUnusableError(f"{_the(name)} is a link: put the file itself in its place.")
        handle = os.open(path, _READ)
        try:
            _check_file(os.fstat(handle), name)
            with os.fdopen(handle, "rb", closefd=False) as file:
                content = file.read(MAX_BYTES + 1)
        finally:
            os.close(handle)
        if len(content) > MAX_BYTES:
            raise CredentialUnusableError(
                f"{_the(name)} is larger than {MAX_BYTES // 1024} KiB: it is no file of ours."
            )
        return content

    def _write_temporary(self, name: str, content: bytes) -> Path:
        path = self._temporary(name)
        # One may lie there that a killed process left, or a link that somebody made: neither is written into.
        path.unlink(missing_ok=True)
        handle = os.open(path, _CREATE, _PRIVATE_FILE)
        try:
            with os.fdopen(handle, "wb") as file:
                file.write(content)
                file.flush()
                os.fsync(handle)
        except BaseException:
            path.unlink(missing_ok=True)
            raise
        return path

    def _temporary(self, name: str) -> Path:
        return self.path / f".{name}.new"

    def _sync(self) -> None:
        # The new name must outlast a power cut as well. Windows opens no folders, and needs it not.
        with suppress(OSError):
            handle = os.open(self.path, os.O_RDONLY)
            try:
                os.fsync(handle)
            finally:
                os.close(handle)


def _check_file(status: os.stat_result, name: str) -> None:
    if not stat.S_ISREG(status.st_mode):
        raise CredentialUnusableError(f"{_the(name)} is no regular file: delete it.")
    if not _HAS_MODES:
        return
    if status.st_uid != os.geteuid():
        raise CredentialUnusableError(f"{_the(name)} belongs to another user: run as its owner, or delete it.")
    if status.st_mode & _OTHERS:
        raise CredentialUnusableError(
            f"{_the(name)} can be read or changed by other users: run `chmod 600` on it, and log in again if somebody "
            "may have."
        )


def _not_writable(name: str) -> CredentialUnusableError:
    return CredentialUnusableError(
        f"{_the(name)} cannot be written: make room on the disk and let its folder be written to."
    )


def _the(name: str) -> str:
    return f"The file {name} in convirza-mcp's private folder"
