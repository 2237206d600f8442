"""The stored login: one private file, and a lock beside it for the process that refreshes it.

The operating system's lock ends with its process. Network file systems are not supported, because their locks often do
not work.
"""

import json
import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import asdict, dataclass, field
from datetime import datetime
from functools import cached_property
from pathlib import Path
from typing import Any

import httpx2
from pydantic_core import from_json

from convirza_mcp.api.login.oauth import TokenPair, in_range
from convirza_mcp.errors import CredentialUnusableError, LoginFromElsewhereError, SettingsError
from convirza_mcp.files import PrivateFolder, file_lock, private_folder
from convirza_mcp.secret_values import token_from
from convirza_mcp.settings import PRODUCTION_OAUTH_URL
from convirza_mcp.text.address import checked_address

STORE_NAME = "credentials.json"
LOCK_NAME = "credentials.lock"

_VERSION = 1

Stamp = tuple[int, int, int, int]
"""Value that changes when the file changes; only for comparison."""


@dataclass(frozen=True, slots=True)
class StoredCredential:
    """A stored login.

    `account` is a random id, created at login and kept across refreshes. `oauth_url` is the service that issued the
    pair; the refresh token is sent to no other. `refresh_asked_at` is when the refresh token was sent without a known
    outcome: it may be used up. `refresh_lost`: the sending program saw that no answer came; if not, it was killed or
    still waits. `version` is that of the value in the store of replicas; 0 if it was read from the file.
    """

    pair: TokenPair
    account: str
    oauth_url: str
    refresh_asked_at: datetime | None = field(default=None, compare=False)
    refresh_lost: bool = field(default=False, compare=False)
    version: int = field(default=0, compare=False)

    def check_is_from(self, oauth_url: str) -> None:
        """Raise LoginFromElsewhereError if another service issued it than the one at this address."""
        if httpx2.URL(self.oauth_url) == httpx2.URL(oauth_url):
            return
        if oauth_url == PRODUCTION_OAUTH_URL:
            raise LoginFromElsewhereError(
                "The stored login came from another OAuth service than Convirza's own, and CONVIRZA_OAUTH_URL is "
                "not set.",
                remedy=(
                    "Run `convirza-mcp login`, or set CONVIRZA_OAUTH_URL and CONVIRZA_BASE_URL as they were at login."
                ),
            )
        raise LoginFromElsewhereError(
            "The stored login came from another OAuth service than CONVIRZA_OAUTH_URL.",
            remedy="Restore the variable, or log in again with `convirza-mcp login`.",
        )


class CredentialStore:
    """Storage of one login in `folder`, by default convirza-mcp's private folder.

    A caller that changes the file must hold `lock`. `read` needs no lock, because the file is always complete. All
    methods block, and raise `CredentialUnusableError` if the file or its folder is unusable; the stored login is then
    unchanged.
    """

    def __init__(self, folder: Path | None = None) -> None:
        self._given = folder

    @cached_property
    def _folder(self) -> PrivateFolder:
        return PrivateFolder(private_folder() if self._given is None else self._given)

    @cached_property
    def path(self) -> Path:
        """Return the path of the login file, which may not exist."""
        return self._folder.path / STORE_NAME

    def has_folder(self) -> bool:
        """Return whether there is a place to store a login; without a home folder there is none."""
        try:
            return os.path.lexists(self._folder.path)
        except CredentialUnusableError:
            return False

    def stamp(self) -> Stamp | None:
        """Return a stamp that changes with the file; None without a file. Take it before a read that is cached."""
        try:
            status = self.path.lstat()
        except (OSError, CredentialUnusableError):
            return None
        return status.st_mtime_ns, status.st_ctime_ns, status.st_size, status.st_ino

    def read(self) -> StoredCredential | None:
        """Return the login; None without one. A file that is not private, or not from `write`, is unusable."""
        if not self.has_folder():
            return None
        content = self._folder.read(STORE_NAME)
        return None if content is None else decoded(content)

    def write(self, credential: StoredCredential) -> None:
        """Replace the stored login with `credential` atomically."""
        self._folder.write(STORE_NAME, encoded(credential))

    def prove_writable(self) -> None:
        """Test whether `write` would work, before a token is used."""
        self._folder.prove_writable(STORE_NAME)

    def delete(self) -> bool:
        """Delete the stored login; return whether there was one."""
        return self._folder.delete(STORE_NAME)

    @contextmanager
    def lock(self, seconds: float) -> Iterator[None]:
        """Hold the lock of all processes; raise CredentialLockedError after `seconds`. 0 tries once."""
        self._folder.make()
        with file_lock(self._folder.path / LOCK_NAME, seconds, "Another program is refreshing the stored login."):
            self._finish_write()
            yield

    def _finish_write(self) -> None:
        """Complete the write of a process that was killed in a refresh."""
        # Suppressed: what is truncated or foreign is removed by the next write.
        with suppress(CredentialUnusableError):
            stored, content = self.read(), self._folder.read_unfinished(STORE_NAME)
            if stored is None or content is None:
                return
            later = decoded(content)
            if later.account == stored.account and later.pair.obtained_at > stored.pair.obtained_at:
                self._folder.finish(STORE_NAME)


def encoded(credential: StoredCredential) -> bytes:
    """Return the login as it is stored."""
    content: dict[str, Any] = {
        "version": _VERSION,
        "account": credential.account,
        "oauth_url": credential.oauth_url,
        **asdict(credential.pair),
    }
    if credential.refresh_asked_at is not None:
        # An optional key: versions that do not know it ignore it.
        content["refresh_asked_at"] = credential.refresh_asked_at
        content["refresh_lost"] = credential.refresh_lost
    return json.dumps(content, indent=1, default=datetime.isoformat).encode("ascii") + b"\n"


def decoded(content: bytes, *, version: int = 0) -> StoredCredential:
    """Return the login that `encoded` wrote; raise CredentialUnusableError for anything else."""
    try:
        stored = from_json(content)
        _check_version(stored["version"])
        refresh_token = stored["refresh_token"]
        return StoredCredential(
            pair=TokenPair(
                access_token=token_from(stored["access_token"], ""),
                refresh_token=None if refresh_token is None else token_from(refresh_token, ""),
                expires_at=_moment(stored["expires_at"]),
                refresh_expires_at=_moment(stored["refresh_expires_at"]),
                obtained_at=_aware(stored["obtained_at"]),
            ),
            account=token_from(stored["account"], ""),
            oauth_url=checked_address(stored["oauth_url"], "oauth_url", PRODUCTION_OAUTH_URL),
            refresh_asked_at=_moment(stored.get("refresh_asked_at")),
            refresh_lost=stored.get("refresh_lost") is True,
            version=version,
        )
    except (ValueError, TypeError, KeyError, AttributeError, SettingsError):
        raise CredentialUnusableError(
            "The stored login is damaged, or convirza-mcp did not write it.",
            remedy="Run `convirza-mcp login` to replace it.",
        ) from None


def _check_version(version: Any) -> None:
    if type(version) is int and version > _VERSION:
        raise CredentialUnusableError(
            "The stored login was written by a newer convirza-mcp.",
            remedy="Update this version, or log in again with `convirza-mcp login`.",
        )
    if version != _VERSION:
        raise ValueError


def _moment(text: Any) -> datetime | None:
    return None if text is None else in_range(_aware(text))


def _aware(text: Any) -> datetime:
    moment = datetime.fromisoformat(text)
    if moment.tzinfo is None:
        raise ValueError
    return moment
