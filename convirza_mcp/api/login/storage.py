"""The place of a login: a file of this machine, or the store that replicas share."""

from collections.abc import AsyncIterator
from contextlib import ExitStack, asynccontextmanager
from dataclasses import replace
from datetime import datetime
from typing import TYPE_CHECKING, TypeAlias

import anyio
import anyio.to_thread

from convirza_mcp.api.login.oauth import TokenPair
from convirza_mcp.api.login.store import CredentialStore, Stamp, StoredCredential
from convirza_mcp.errors import CredentialLockedError
from convirza_mcp.settings import Settings

if TYPE_CHECKING:
    from convirza_mcp.api.login.shared_pair import SharedPair

LoginStorage: TypeAlias = "FileLogin | SharedPair"

_POLL_SECONDS = 0.02


def login_storage(settings: Settings) -> LoginStorage:
    """Return the place of the login that the settings describe; raise SettingsError for an unusable store."""
    if settings.store is None:
        return FileLogin(CredentialStore())
    # Imported here, because few programs have a store.
    from convirza_mcp.api.login.shared_pair import SHARED_LOGIN, SharedPair
    from convirza_mcp.store.opening import open_store

    return SharedPair(open_store(settings.store), SHARED_LOGIN, settings.store_cipher(), owns_store=True)


class FileLogin:
    """The login in the file of `CredentialStore`. Its methods are those of every place; `SharedPair` has the same.

    Raises, in each method:
        CredentialUnusableError: what is stored cannot be used.
        StoreUnavailableError: the store does not answer; the login is then unchanged.
    """

    def __init__(self, store: CredentialStore) -> None:
        self._store = store
        self._stamp: Stamp | None = None
        self._read: StoredCredential | None = None

    @property
    def place(self) -> str:
        """The place, for a person."""
        return str(self._store.path)

    def exists(self) -> bool:
        """Return whether the place itself exists; a folder is made at the first login."""
        return self._store.has_folder()

    async def current(self) -> StoredCredential | None:
        """Return the login, cheaply; it may be a second old."""
        # In this thread: it is a look at the file's time, and rarely a small file.
        stamp = self._store.stamp()
        if stamp is None or stamp != self._stamp:
            self._stamp = None
            self._read = self._store.read()
            self._stamp = stamp
        return self._read

    async def read(self) -> StoredCredential | None:
        """Return the login as it is now."""
        return await anyio.to_thread.run_sync(self._store.read)

    async def write(self, credential: StoredCredential) -> None:
        """Store a new login in place of any other. Like the other changes, it needs the lock."""
        await anyio.to_thread.run_sync(self._store.write, credential)

    async def mark_sent(self, stored: StoredCredential, sent_at: datetime) -> bool:
        """Record that the refresh token of `stored` is sent; return False if it changed since it was read."""
        await self.write(replace(stored, refresh_asked_at=sent_at, refresh_lost=False))
        return True

    async def replace(self, spent: TokenPair, credential: StoredCredential) -> bool:
        """Store the successor of a pair; return False if that pair is not stored any more."""
        stored = await self.read()
        if stored is None or stored.pair != spent:
            return False
        await self.write(credential)
        return True

    async def delete(self) -> bool:
        """Delete the login; return whether there was one."""
        return await anyio.to_thread.run_sync(self._store.delete)

    async def prove_writable(self) -> None:
        """Test whether writing would work, before a token or a password is used."""
        await anyio.to_thread.run_sync(self._store.prove_writable)

    @asynccontextmanager
    async def lock(self, seconds: float) -> AsyncIterator[None]:
        """Hold the lock of all programs; raise CredentialLockedError after `seconds`. 0 tries once."""
        until = anyio.current_time() + seconds
        with ExitStack() as held:
            while True:
                try:
                    held.enter_context(self._store.lock(0))
                    break
                except CredentialLockedError:
                    if anyio.current_time() >= until:
                        raise
                # Poll, because a wait in this thread could not be cancelled, and would hold up Ctrl-C.
                await anyio.sleep(_POLL_SECONDS)
            yield

    async def aclose(self) -> None:
        pass
