"""The login that is kept between runs: one private file, and the lock beside it that says who may renew it.

The lock is the operating system's and ends with its process. Network file systems are not supported: their locks are
often none.
"""

import json
import os
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from dataclasses import asdict, dataclass, field
from datetime import datetime
from functools import cached_property
from pathlib import Path
from typing import Any

import httpx2
from pydantic_core import from_json

from convirza_mcp.api.login.oauth import TokenPair, usable
from convirza_mcp.errors import CredentialLockedError, CredentialUnusableError, LoginFromElsewhereError, SettingsError
from convirza_mcp.files import PrivateFolder, private_folder
from convirza_mcp.settings import PRODUCTION_OAUTH_URL, checked_base_url, token_from

STORE_NAME = "credentials.json"
LOCK_NAME = "credentials.lock"

_VERSION = 1
_LOCK_SECONDS = 15.0

Stamp = tuple[int, int, int, int]
"""Changes whenever the file does; compared, never read."""


@dataclass(frozen=True, slots=True)
class StoredCredential:
    """A login.

    `account` is a random id made at the login and kept over its renewals. `oauth_url` is the service that issued the
    pair: the refresh token is sent to no other.
    """

    pair: TokenPair
    account: str
    oauth_url: str
    refresh_asked_at: datetime | None = field(default=None, compare=False)
    """When the refresh token was last sent, if what became of that is unknown: it may be spent."""
    refresh_lost: bool = field(default=False, compare=False)
    """Whether the program that sent it saw that no answer came; if not, it was killed, or waits still."""

    def is_from(self, oauth_url: str) -> bool:
        """Whether the service at this address issued it, however the address is written."""
        return httpx2.URL(self.oauth_url) == httpx2.URL(oauth_url)

    def check_is_from(self, oauth_url: str) -> None:
        """
        Raises:
            LoginFromElsewhereError: another service issued it than the one at this address.
        """
        if self.is_from(oauth_url):
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
    """Keeps one login in `folder`, by default convirza-mcp's private folder.

    What changes the file takes the lock, unless this object holds it already: whoever reads, decides and then writes
    puts `lock` around all three. `read` needs none, since the file is always whole. All methods block, and raise
    `CredentialUnusableError` where the file or its folder cannot be used as they need it; what was stored still is.
    """

    def __init__(self, folder: Path | None = None) -> None:
        self._given = folder
        self._holds_lock = False

    @cached_property
    def _folder(self) -> PrivateFolder:
        return PrivateFolder(private_folder() if self._given is None else self._given)

    @cached_property
    def path(self) -> Path:
        """The file that holds the login, whether it exists or not."""
        return self._folder.path / STORE_NAME

    def has_folder(self) -> bool:
        """Whether there is a place where something may be stored; without a home folder there is none."""
        try:
            return os.path.lexists(self._folder.path)
        except CredentialUnusableError:
            return False

    def stamp(self) -> Stamp | None:
        """What tells cheaply whether `read` would give something else than before; None when there is no file.

        Whoever keeps what was read takes the stamp before it.
        """
        try:
            status = self.path.lstat()
        except (OSError, CredentialUnusableError):
            return None
        return status.st_mtime_ns, status.st_ctime_ns, status.st_size, status.st_ino

    def read(self) -> StoredCredential | None:
        """The login; None when there is none. A file that is not private, or not what `write` wrote, is unusable."""
        if not self.has_folder():
            return None
        content = self._folder.read(STORE_NAME)
        return None if content is None else _decoded(content)

    def write(self, credential: StoredCredential) -> None:
        """Put `credential` in the place of what is stored, all or nothing."""
        with self._locked():
            self._folder.write(STORE_NAME, _encoded(credential))

    def recover(self, stored: StoredCredential) -> bool:
        """Whether a killed process had renewed `stored` and not yet put it in place, which is done now."""
        with self._locked():
            try:
                content = self._folder.read_unfinished(STORE_NAME)
                later = None if content is None else _decoded(content)
            except CredentialUnusableError:
                # Cut off, or not ours: the next writing removes it.
                return False
            if later is None or later.account != stored.account or later.pair.obtained_at <= stored.pair.obtained_at:
                return False
            self._folder.finish(STORE_NAME)
            return True

    def prove_writable(self) -> None:
        """Find out whether `write` would work, before anything is at stake."""
        with self._locked():
            self._folder.prove_writable(STORE_NAME)

    def delete(self) -> bool:
        """Remove what is stored; whether there was anything."""
        with self._locked():
            return self._folder.delete(STORE_NAME)

    @contextmanager
    def lock(self, seconds: float) -> Iterator[None]:
        """Be the only one, over all processes, who may change what is stored. Waits at most `seconds`; 0 tries once.

        Raises:
            CredentialLockedError: another program held it all the time.
        """
        # Imported here: nothing is locked until a login is made, renewed or removed.
        import filelock

        self._folder.make()
        lock = filelock.FileLock(
            self._folder.path / LOCK_NAME,
            mode=0o600,
            # Taken and given back in whichever thread works at the moment.
            thread_local=False,
            # A lock that is only a file would outlive a process that was killed.
            fallback_to_soft=False,
        )
        try:
            lock.acquire(timeout=seconds, poll_interval=0.02)
        except filelock.Timeout:
            raise CredentialLockedError(
                "Another program is refreshing the stored login.", remedy="Try again in a few seconds."
            ) from None
        except (OSError, NotImplementedError):
            raise CredentialUnusableError(
                f"The file {LOCK_NAME} in convirza-mcp's private folder cannot be locked.",
                remedy="Delete it, and keep the folder on a local disk.",
            ) from None
        self._holds_lock = True
        try:
            yield
        finally:
            self._holds_lock = False
            lock.release()

    def _locked(self) -> AbstractContextManager[None]:
        return nullcontext() if self._holds_lock else self.lock(_LOCK_SECONDS)


def _encoded(credential: StoredCredential) -> bytes:
    content: dict[str, Any] = {
        "version": _VERSION,
        "account": credential.account,
        "oauth_url": credential.oauth_url,
        **asdict(credential.pair),
    }
    if credential.refresh_asked_at is not None:
        # Beside what every version reads: one that does not know it passes it over.
        content["refresh_asked_at"] = credential.refresh_asked_at
        content["refresh_lost"] = credential.refresh_lost
    return json.dumps(content, indent=1, default=datetime.isoformat).encode("ascii") + b"\n"


def _decoded(content: bytes) -> StoredCredential:
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
            oauth_url=checked_base_url(stored["oauth_url"]),
            refresh_asked_at=_moment(stored.get("refresh_asked_at")),
            refresh_lost=stored.get("refresh_lost") is True,
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
    return None if text is None else usable(_aware(text))


def _aware(text: Any) -> datetime:
    moment = datetime.fromisoformat(text)
    if moment.tzinfo is None:
        raise ValueError
    return moment
