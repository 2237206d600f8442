"""A store that a test takes down and brings back."""

from collections.abc import Callable
from contextlib import AbstractAsyncContextManager
from typing import Any

from convirza_mcp.errors import StoreUnavailableError
from convirza_mcp.store.protocol import Store


class FailingStore:
    """The store behind it while `is_up`; it refuses to write what `is_full_for` names."""

    def __init__(self, inner: Store) -> None:
        self.inner = inner
        self.is_up = True
        self.is_full_for: Callable[[str], bool] = lambda _: False

    def _check(self) -> None:
        if not self.is_up:
            raise StoreUnavailableError("The store does not answer.", remedy="Start it.")

    def __getattr__(self, name: str) -> Any:
        method = getattr(self.inner, name)

        async def checked(*given: Any, **named: Any) -> Any:
            self._check()
            if name in ("put", "count") and self.is_full_for(given[0]):
                raise StoreUnavailableError("The store refused a command.", remedy="Give it more room.")
            return await method(*given, **named)

        return checked

    def lock(self, name: str, *, seconds: float, wait: float) -> AbstractAsyncContextManager[None]:
        self._check()
        return self.inner.lock(name, seconds=seconds, wait=wait)

    async def aclose(self) -> None:
        await self.inner.aclose()
