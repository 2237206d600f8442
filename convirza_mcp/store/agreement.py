"""Agreement of replicas on the settings that change answers.

The first replica writes digests of its settings, encrypted. Each one with equal settings renews them; one with others
is not ready, so that it takes no calls from those that serve already. A minute after the last renewal they vanish.
"""

import json
import logging
from collections.abc import Mapping
from hashlib import sha256

import anyio
from pydantic_core import to_json

from convirza_mcp.errors import CredentialUnusableError, StoreUnavailableError
from convirza_mcp.store.encryption import Cipher
from convirza_mcp.store.protocol import Store

_NAME = "replicas"
_LIFETIME_SECONDS = 60.0
_RENEWAL_SECONDS = 15.0
_CHECK_SECONDS = 2.0

logger = logging.getLogger("convirza_mcp")


class Agreement:
    """Compares `settings`, texts by name, with those of the other replicas. `check` comes before the first use."""

    def __init__(self, store: Store, cipher: Cipher, settings: Mapping[str, str]) -> None:
        self._store = store
        self._cipher = cipher
        self._digests = {name: sha256(text.encode("utf-8", "replace")).hexdigest() for name, text in settings.items()}
        self._renew_at = 0.0
        self._obstacle: dict[str, object] | None = {}

    @property
    def is_reached(self) -> bool:
        """Return whether the store answered and the settings are equal, when it was last checked."""
        return self._obstacle is None

    async def keep(self) -> None:
        """Check again and again."""
        while True:
            await anyio.sleep(_CHECK_SECONDS)
            await self.check()

    async def check(self) -> None:
        """Compare the settings, and log a line when the outcome changes: the names of those that differ."""
        obstacle: dict[str, object] | None = None
        try:
            if differing := await self._differences():
                obstacle = {"not_ready": "Settings differ from those of other replicas.", "settings": differing}
        except StoreUnavailableError as error:
            obstacle = {"not_ready": str(error)}
        if obstacle != self._obstacle and (obstacle or self._obstacle):
            logger.warning(to_json(obstacle or {"ready": True}).decode())
        self._obstacle = obstacle

    async def aclose(self) -> None:
        """Close the store."""
        await self._store.aclose()

    async def _differences(self) -> list[str]:
        found = await self._store.get(_NAME)
        if found is None and not await self._write(0):
            found = await self._store.get(_NAME)
        if found is None:
            return []
        try:
            theirs = json.loads(self._cipher.decrypt(_NAME, found.value))
        except CredentialUnusableError:
            return ["CONVIRZA_STORE_KEYS"]
        differing = sorted(name for name in {*theirs, *self._digests} if theirs.get(name) != self._digests.get(name))
        if not differing and anyio.current_time() >= self._renew_at:
            await self._write(found.version)
        return differing

    async def _write(self, version: int) -> bool:
        """Write the digests if no other replica did; otherwise the next check sees what it wrote."""
        value = self._cipher.encrypt(_NAME, to_json(self._digests))
        written = await self._store.put(_NAME, value, seconds=_LIFETIME_SECONDS, version=version)
        self._renew_at = anyio.current_time() + _RENEWAL_SECONDS
        return written is not None
