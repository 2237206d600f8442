"""Find, read and replace a client's configuration file. All disk access is here."""

import os
import re
import stat
import sys
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path, PurePath

from convirza_mcp.errors import SettingsError
from convirza_mcp.files import atomic_replacement
from convirza_mcp.setup.clients.known import Client
from convirza_mcp.setup.clients.places import Machine, Place, Platform
from convirza_mcp.setup.errors import ClientConfigChangedError, ClientConfigError, ClientNotFoundError

_WRITABLE = stat.S_IWUSR | stat.S_IWGRP | stat.S_IWOTH
_BINARY = getattr(os, "O_BINARY", 0)
_PLAIN_FILE = "Replace it with a regular file, then run this again."


def this_machine() -> Machine:
    """
    Raises:
        SettingsError: this user has no home folder.
    """
    platform: Platform = "darwin" if sys.platform == "darwin" else "win32" if sys.platform == "win32" else "linux"
    try:
        home = Path.home()
    except RuntimeError:
        raise SettingsError("convirza-mcp found no home folder for this user.", remedy="Set HOME.") from None
    return Machine(platform, str(home), os.environ)


def find(client: Client, machine: Machine) -> Path:
    """Return the client's configuration file, which may not exist.

    Raises:
        ClientNotFoundError: the client is not installed.
        ClientConfigError: there are several, and the one in use is unknown.
    """
    for place in client.places(machine):
        folders = [folder for folder in _folders(place.folder) if _is_there(folder, place)]
        if len(folders) > 1:
            folders = [folder for folder in folders if (folder / place.name).exists()] or folders
        if len(folders) > 1:
            raise ClientConfigError(
                f"{client.title} has several configuration folders, and convirza-mcp cannot tell which one it uses.",
                remedy=f"Remove all but one, or paste what `convirza-mcp install {client.id} --print` shows.",
            )
        if folders:
            return folders[0] / place.name
    raise ClientNotFoundError(
        f"{client.title} does not seem to be installed for this user.", remedy="Start it once, then try again."
    )


def default_file(client: Client, machine: Machine) -> Path:
    """Return the client's default file on this machine."""
    place = next(each for each in client.places(machine) if not each.is_pattern)
    return Path(place.folder) / place.name


def create_folder(folder: Path) -> None:
    """
    Raises:
        ClientConfigError: it cannot be created.
    """
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise ClientConfigError(
            f"The folder {folder} cannot be created ({error.strerror}).",
            remedy="Create it yourself, or check that its parent is writable and HOME is correct.",
        ) from None


@dataclass(frozen=True, slots=True)
class ConfigurationFile:
    """A configuration file as read; `content` is None without a file."""

    path: Path
    client: Client
    content: bytes | None

    @classmethod
    def read(cls, path: Path, client: Client) -> "ConfigurationFile":
        """
        Raises:
            ClientConfigError: it is not a regular file, or cannot be read.
        """
        return cls(path, client, _content(path, client))

    @property
    def text(self) -> str:
        """
        Raises:
            ClientConfigError: it is not UTF-8.
        """
        try:
            return (self.content or b"").decode()
        except UnicodeDecodeError:
            raise ClientConfigError(
                f"{self.client.title}'s configuration file is not UTF-8 text.",
                remedy="Save it as UTF-8, then run this again.",
            ) from None

    def replace(self, text: str, now: datetime) -> Path | None:
        """Replace the file with `text`; return the backup, named after `now`, or None without an old file.

        The replacement is atomic. A link stays a link, and the mode stays. Of all backups, the first, from before the
        first installation, and the last two are kept.

        Raises:
            ClientConfigError: it cannot be written. ClientConfigChangedError: it changed since it was read.
        """
        if _content(self.path, self.client) != self.content:
            raise _changed(self.client)
        try:
            # The target of a link, because that is replaced.
            status = None if self.content is None else self.path.stat()
            if status is not None and not status.st_mode & _WRITABLE:
                raise ClientConfigError(
                    f"{self.client.title}'s configuration file is read-only.",
                    remedy="Edit it with the tool that manages it, or make it writable.",
                )
            copy = None if self.content is None or status is None else self._copy(self.content, status, now)
            try:
                self._replace(text, status)
            except BaseException:
                if copy is not None:
                    copy.unlink(missing_ok=True)
                raise
            if copy is not None:
                self._drop_copies()
        except OSError:
            raise ClientConfigError(
                f"{self.client.title}'s configuration file cannot be written, and is unchanged.",
                remedy="Check that its folder is writable and the disk has free space.",
            ) from None
        return copy

    def _drop_copies(self) -> None:
        ours = re.compile(re.escape(self.path.name) + r"\.(\d{8}-\d{6})(?:-(\d+))?\.backup")
        # A backup that cannot be removed is not a failure: the file is written.
        with suppress(OSError):
            named = [(ours.fullmatch(each.name), each) for each in self.path.parent.iterdir()]
            copies = sorted((name[1], int(name[2] or 1), each) for name, each in named if name is not None)
            for _, _, each in copies[1:-2]:
                each.unlink()

    def _replace(self, text: str, status: os.stat_result | None) -> None:
        with atomic_replacement(self.path, like=status) as file:
            file.write(text.encode())
            # As late as possible, so that another program's change is not lost.
            if _content(self.path, self.client) != self.content:
                raise _changed(self.client)

    def _copy(self, content: bytes, status: os.stat_result, now: datetime) -> Path:
        """Write a backup of the read content beside the file, never over another backup."""
        name = f"{self.path.name}.{now:%Y%m%d-%H%M%S}"
        number = 1
        while True:
            copy = self.path.with_name(f"{name}.backup" if number == 1 else f"{name}-{number}.backup")
            try:
                handle = os.open(copy, os.O_WRONLY | os.O_CREAT | os.O_EXCL | _BINARY, 0o600)
                break
            except FileExistsError:
                number += 1
        try:
            with os.fdopen(handle, "wb") as file:
                file.write(content)
                file.flush()
                os.fsync(file.fileno())
            # Readable only for its owner, because a backup is easily forgotten.
            copy.chmod(stat.S_IMODE(status.st_mode) & stat.S_IRWXU)
        except BaseException:
            copy.unlink(missing_ok=True)
            raise
        return copy


def _content(path: Path, client: Client) -> bytes | None:
    try:
        if path.is_symlink() and not path.exists():
            raise ClientConfigError(
                f"{client.title}'s configuration file is a link to a file that does not exist.", remedy=_PLAIN_FILE
            )
        if not stat.S_ISREG(path.stat().st_mode):
            raise ClientConfigError(f"{client.title}'s configuration file is not a regular file.", remedy=_PLAIN_FILE)
        return path.read_bytes()
    except FileNotFoundError:
        return None
    except OSError:
        raise ClientConfigError(
            f"{client.title}'s configuration file cannot be read.", remedy="Make it readable for its owner."
        ) from None


def _changed(client: Client) -> ClientConfigChangedError:
    return ClientConfigChangedError(
        f"{client.title}'s configuration file was changed by another program, so nothing was written.",
        remedy="Run this again.",
    )


def _folders(pattern: PurePath) -> list[Path]:
    """Return the folders for `pattern`; without a `*`, also a folder that does not exist."""
    for place, part in enumerate(pattern.parts):
        if "*" in part:
            above = Path(*pattern.parts[:place])
            below = str(Path(*pattern.parts[place:]))
            return sorted(above.glob(below)) if above.is_dir() else []
    return [Path(pattern)]


def _is_there(folder: Path, place: Place) -> bool:
    return any(Path(sign).exists() for sign in place.signs) if place.signs else folder.is_dir()
