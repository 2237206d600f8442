"""A login in the store that replicas share, encrypted; refreshed by one replica for all.

A lock of the store ends with its time even if its holder lives on, paused. So a write depends on what is stored: a mark
on the version that was read, and a successor on the pair that was spent.
"""

import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from math import inf

from convirza_mcp.api.login.oauth import TokenPair
from convirza_mcp.api.login.store import StoredCredential, decoded, encoded
from convirza_mcp.errors import CredentialLockedError, StoreLockedError, StoreUnavailableError
from convirza_mcp.store.encryption import Cipher
from convirza_mcp.store.protocol import Store, Stored

SHARED_LOGIN = "login"
"""Name of the login that serves all callers."""

_FRESH_SECONDS = 1.0
_SECONDS_WITHOUT_STORE = 60.0
_LOCK_LIFETIME_SECONDS = 45.0
"""More than a refresh takes: the OAuth service has 30 seconds for its answer."""

_LIFETIME = timedelta(days=400)
"""Lifetime of a login whose end is unknown."""


class SharedPair:
    """The login of this name in the store, with the methods of `FileLogin`. It closes a store that it owns.

    `current` asks the store once a second at most, and goes on from memory for a minute if the store does not answer.
    `monotonic` replaces the clock, for tests.
    """

    def __init__(
        self,
        store: Store,
        name: str,
        cipher: Cipher,
        *,
        owns_store: bool = False,
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        self._store = store
        self._name = name
        self._cipher = cipher
        self._owns_store = owns_store
        self._monotonic = monotonic
        self._known: StoredCredential | None = None
        self._learned = 0
        """How many times `_known` was set, so that a read sees whether another one ended meanwhile."""
        self._read_at = self._fresh_until = -inf

    @property
    def place(self) -> str:
        return "the store that CONVIRZA_STORE names"

    def exists(self) -> bool:
        return True

    async def current(self) -> StoredCredential | None:
        now = self._monotonic()
        if now < self._fresh_until:
            return self._known
        try:
            return await self.read()
        except StoreUnavailableError:
            if now - self._read_at < _SECONDS_WITHOUT_STORE:
                return self._known
            raise

    async def read(self) -> StoredCredential | None:
        asked_at, learned = self._monotonic(), self._learned
        found = await self._store.get(self._name)
        read = None if found is None else self._decrypted(found)
        if (
            learned != self._learned
            and self._known is not None
            and (read is None or read.version < self._known.version)
        ):
            # Answers on two connections overtake each other, and one from before our own write would be taken for new.
            return self._known
        self._read_at, self._fresh_until = asked_at, asked_at + _FRESH_SECONDS
        return self._learn(read)

    async def write(self, credential: StoredCredential) -> None:
        await self._put(credential, None)

    async def mark_sent(self, stored: StoredCredential, sent_at: datetime) -> bool:
        return await self._put(replace(stored, refresh_asked_at=sent_at, refresh_lost=False), stored.version)

    async def replace(self, spent: TokenPair, credential: StoredCredential) -> bool:
        while True:
            found = await self._store.get(self._name)
            if found is None or self._decrypted(found).pair != spent:
                self._fresh_until = -inf
                return False
            # Another program may have marked the pair in between.
            if await self._put(credential, found.version):
                return True

    async def delete(self) -> bool:
        self._fresh_until = -inf
        return await self._store.delete(self._name)

    async def prove_writable(self) -> None:
        # A refresh writes its mark first. A login may replace one that no key decrypts.
        await self._store.get(self._name)

    @asynccontextmanager
    async def lock(self, seconds: float) -> AsyncIterator[None]:
        try:
            async with self._store.lock(self._name, seconds=_LOCK_LIFETIME_SECONDS, wait=seconds):
                yield
        except StoreLockedError:
            raise CredentialLockedError(
                "Another program is refreshing the stored login.", remedy="Try again in a few seconds."
            ) from None

    async def aclose(self) -> None:
        if self._owns_store:
            await self._store.aclose()

    async def _put(self, credential: StoredCredential, version: int | None) -> bool:
        self._fresh_until = -inf
        value = self._cipher.encrypt(self._name, encoded(credential))
        ends = credential.pair.refresh_expires_at
        left = _LIFETIME if ends is None else max(timedelta(), ends - datetime.now(UTC))
        # Keep it a day past its end, so that the error says that the login has ended, not that there is none.
        seconds = (left + timedelta(days=1)).total_seconds()
        written = await self._store.put(self._name, value, seconds=seconds, version=version)
        if written is not None:
            self._learn(replace(credential, version=written))
        return written is not None

    def _learn(self, login: StoredCredential | None) -> StoredCredential | None:
        # The same object for the same version, so that a caller sees cheaply that nothing changed.
        if login is None or self._known is None or (login, login.version) != (self._known, self._known.version):
            self._known = login
        self._learned += 1
        return self._known

    def _decrypted(self, found: Stored) -> StoredCredential:
        return decoded(self._cipher.decrypt(self._name, found.value), version=found.version)
