"""Limit on concurrent requests, and on the requests that wait for a slot.

Convirza's rate limits are undocumented, so few run in parallel; and a queue without an end would only turn
overload into time-outs.
"""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import anyio

from convirza_mcp.errors import OverloadedError


class ConcurrencyLimit:
    """`at_once` requests run, `waiting` wait, and the next one is told that the server is busy."""

    def __init__(self, at_once: int, waiting: int) -> None:
        self._places = at_once + waiting
        self._taken = 0
        # Without a turn of the event loop when a slot is free, as it nearly always is.
        self._running = anyio.Semaphore(at_once, fast_acquire=True)

    @asynccontextmanager
    async def slot(self) -> AsyncIterator[None]:
        """Wait for a slot, and hold it.

        Raises:
            OverloadedError: the queue is full.
        """
        if self._taken >= self._places:
            raise OverloadedError(
                "Too many calls are waiting for Convirza already.", remedy="Try again in a few seconds."
            )
        self._taken += 1
        try:
            async with self._running:
                yield
        finally:
            self._taken -= 1
