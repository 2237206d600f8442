"""A store whose values only the holders of its keys can read or write."""

from contextlib import AbstractAsyncContextManager, suppress

from convirza_mcp.errors import CredentialUnusableError
from convirza_mcp.store.encryption import Cipher
from convirza_mcp.store.protocol import Store, Stored


class SealedStore:
    """Encrypts every value under its name. A value that another program wrote, changed or moved counts as missing.

    Names and counts stay readable.
    """

    def __init__(self, store: Store, cipher: Cipher) -> None:
        self._store = store
        self._cipher = cipher

    async def get(self, name: str) -> Stored | None:
        stored = await self._store.get(name)
        with suppress(CredentialUnusableError):
            return None if stored is None else Stored(self._cipher.decrypt(name, stored.value), stored.version)
        return None

    async def put(self, name: str, value: bytes, *, seconds: float, version: int | None = None) -> int | None:
        return await self._store.put(name, self._cipher.encrypt(name, value), seconds=seconds, version=version)

    async def delete(self, name: str) -> bool:
        return await self._store.delete(name)

    async def count(self, name: str, *, seconds: float) -> int:
        return await self._store.count(name, seconds=seconds)

    async def names(self, prefix: str) -> list[str]:
        return await self._store.names(prefix)

    def lock(self, name: str, *, seconds: float, wait: float) -> AbstractAsyncContextManager[None]:
        return self._store.lock(name, seconds=seconds, wait=wait)

    async def aclose(self) -> None:
        await self._store.aclose()
