"""Parts of every implementation of the store: the forms of names and values, and the wait for a lock."""

import random
import re
import secrets
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager, suppress

import anyio

from convirza_mcp.errors import StoreLockedError, StoreUnavailableError

MOST_BYTES = 64 * 1024
_NAME = re.compile(r"[\x21-\x7e]{1,512}", re.ASCII)
_POLL_SECONDS = (0.02, 0.06)
_RELEASE_SECONDS = 1.0


def check_name(name: str) -> None:
    """Raise ValueError unless the name has the form that all stores take."""
    if not _NAME.fullmatch(name):
        raise ValueError("a name takes 1 to 512 printable ASCII characters")


def check_value(value: bytes) -> None:
    """Raise ValueError for a value that is too large."""
    if len(value) > MOST_BYTES:
        raise ValueError(f"a value takes at most {MOST_BYTES} bytes")


@asynccontextmanager
async def held_lock(
    take: Callable[[str], Awaitable[bool]], release: Callable[[str], Awaitable[object]], *, wait: float
) -> AsyncIterator[None]:
    """Hold a lock: `take` returns whether this owner has it now, `release` does nothing for another owner."""
    owner = secrets.token_hex(16)
    until = anyio.current_time() + wait
    try:
        while not await take(owner):
            if anyio.current_time() >= until:
                raise StoreLockedError(
                    "Another program held a lock of the store for too long.", remedy="Try again in a few seconds."
                )
            await anyio.sleep(random.uniform(*_POLL_SECONDS))  # noqa: S311 - no secret: it only spreads the attempts
        yield
    finally:
        # Also if `take` was cancelled or failed: the store may have granted the lock. Without an answer it ends itself.
        with anyio.move_on_after(_RELEASE_SECONDS, shield=True), suppress(StoreUnavailableError):
            await release(owner)
