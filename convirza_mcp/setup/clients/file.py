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


def this_machine() -> Machine:
    """Return this computer, or raise `SettingsError` for a user without a home folder."""
    platform: Platform = "darwin" if sys.platform == "darwin" else "win32" if sys.platform == "win32" else "linux"
    try:
        home = Path.home()
    except RuntimeError:
        raise SettingsError("convirza-mcp found no home folder for this user.", remedy="Set HOME.") from None
    return Machine(platform, str(home), os.environ)


def find(client: Client, machine: Machine, *, create: bool = False) -> Path:
    """Return the client's file, which may not exist.

    Raises:
        ClientNotFoundError: the client is not installed. With `create`, that is the default file instead.
    """
    places = client.places(machine)
    if found := [path for place in places for path in _files(place)]:
        return found[0]
    if not create:
        raise ClientNotFoundError(
            f"{client.title} does not seem to be installed for this user.",
            remedy="Start it once, then try again. `--create` creates its file anyway.",
        )
    return next(Path(each.folder) / each.name for each in places if not each.is_pattern)


@dataclass(frozen=True, slots=True)
class ConfigurationFile:
    """A configuration file as read; `content` and `status` are None without a file."""

    path: Path
    client: Client
    content: bytes | None
    status: os.stat_result | None

    @classmethod
    def read(cls, path: Path, client: Client) -> "ConfigurationFile":
        """Read the file, or raise `ClientConfigError` if it is not a regular file or cannot be read."""
        try:
            # The target of a link, because that is replaced.
            status = path.stat()
            if not stat.S_ISREG(status.st_mode):
                raise ClientConfigError(
                    f"{client.title}'s configuration file is not a regular file.",
                    remedy="Replace it with a regular file, then run this again.",
                )
            return cls(path, client, path.read_bytes(), status)
        except FileNotFoundError:
            return cls(path, client, None, None)
        except OSError:
            raise ClientConfigError(
                f"{client.title}'s configuration file cannot be read.", remedy="Make it readable for its owner."
            ) from None

    @property
    def text(self) -> str:
        """Return the text, or raise `ClientConfigError` if it is not UTF-8."""
        try:
            return (self.content or b"").decode()
        except UnicodeDecodeError:
            raise ClientConfigError(
                f"{self.client.title}'s configuration file is not UTF-8 text.",
                remedy="Save it as UTF-8, then run this again.",
            ) from None

    def replace(self, text: str, now: datetime) -> Path | None:
        """Replace the file with `text`; return the backup, named after `now`, or None without an old file.

        The replacement is atomic, and creates the folder. A link stays a link, and the mode stays. Of all backups, the
        first, from before the first installation, and the last two are kept.

        Raises:
            ClientConfigError: it cannot be written. ClientConfigChangedError: it changed since it was read.
        """
        try:
            self.path.parent.mkdir(parents=True, exist_ok=True)
            if self.content is None or self.status is None:
                self._write(text)
                return None
            if not self.status.st_mode & _WRITABLE:
                raise ClientConfigError(
                    f"{self.client.title}'s configuration file is read-only.",
                    remedy="Edit it with the tool that manages it, or make it writable.",
                )
            copy = self.path.with_name(f"{self.path.name}.{now:%Y%m%d-%H%M%S-%f}.backup")
            copy.touch(0o600, exist_ok=False)
            try:
                copy.write_bytes(self.content)
                # Readable only for its owner, because a backup is easily forgotten.
                copy.chmod(stat.S_IMODE(self.status.st_mode) & stat.S_IRWXU)
                self._write(text)
            except BaseException:
                copy.unlink(missing_ok=True)
                raise
        except OSError:
            raise ClientConfigError(
                f"{self.client.title}'s configuration file cannot be written, and is unchanged.",
                remedy="Check that its folder is writable and the disk has free space.",
            ) from None
        self._drop_copies()
        return copy

    def _write(self, text: str) -> None:
        with atomic_replacement(self.path, like=self.status) as file:
            file.write(text.encode())
            # As late as possible, so that another program's change is not lost.
            if ConfigurationFile.read(self.path, self.client).content != self.content:
                raise ClientConfigChangedError(
                    f"{self.client.title}'s configuration file was changed by another program, so nothing was written.",
                    remedy="Run this again.",
                )

    def _drop_copies(self) -> None:
        ours = re.compile(re.escape(self.path.name) + r"\.\d{8}-\d{6}(-\d+)?\.backup")
        # A backup that cannot be removed is not a failure: the file is written.
        with suppress(OSError):
            copies = sorted(each for each in self.path.parent.iterdir() if ours.fullmatch(each.name))
            for each in copies[1:-2]:
                each.unlink()


def _files(place: Place) -> list[Path]:
    """Return the files at a place if the client is installed there; the ones that exist come first."""
    files = [folder / place.name for folder in _folders(place.folder)]
    # By `os.path`, because a Path's raises for a folder that this user may not look into.
    exists, is_folder = os.path.exists, os.path.isdir
    installed = [file for file in files if exists(file) or is_folder(place.sign or file.parent)]
    return sorted(installed, key=lambda file: not exists(file))


def _folders(pattern: PurePath) -> list[Path]:
    """Return the folders for `pattern`; without a `*`, also a folder that does not exist."""
    for place, part in enumerate(pattern.parts):
        if "*" in part:
            return sorted(Path(*pattern.parts[:place]).glob(str(Path(*pattern.parts[place:]))))
    return [Path(pattern)]
