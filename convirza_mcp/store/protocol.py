"""The methods of a store."""

from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
from typing import Protocol


@dataclass(frozen=True, slots=True)
class Stored:
    """A value as it was read. `version` starts at 1 and grows with each `put`."""

    value: bytes
    version: int


class Store(Protocol):
    """Values by name, shared by all programs that open the same store. Each method is atomic.

    A name consists of ASCII words joined by colons, such as `grant:5f0c`. A value is at most 64 KiB and vanishes
    `seconds` after it was written. Every method raises `StoreUnavailableError` if the store does not answer in time.
    """

    async def get(self, name: str) -> Stored | None:
        """Return the value, or None without one."""

    async def put(self, name: str, value: bytes, *, seconds: float, version: int | None = None) -> int | None:
        """Write the value and return its version.

        With `version`, write only if the value still has that version (0: there is none); return None if not.
        """

    async def delete(self, name: str) -> bool:
        """Delete the value; return whether there was one. Of several callers, one gets True."""

    async def count(self, name: str, *, seconds: float) -> int:
        """Add one to a count and return it. The count starts again `seconds` after its first one.

        A name always comes with the same `seconds`.
        """

    async def names(self, prefix: str) -> list[str]:
        """Return the names of the values that begin with `prefix`, sorted."""

    def lock(self, name: str, *, seconds: float, wait: float) -> AbstractAsyncContextManager[None]:
        """Hold a lock for at most `seconds`; raise StoreLockedError if another program holds it for `wait` seconds.

        It may end under a holder that was paused: compare versions when you write.
        """

    async def aclose(self) -> None:
        """Close the connections."""
