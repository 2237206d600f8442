"""A cache of views over the reader in memory, and a reader that a test holds up."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, timedelta
from typing import Any

import anyio
import anyio.lowlevel

from convirza_mcp.api.models import ConversationQuery, ConversationReader
from convirza_mcp.clock.window import Window
from convirza_mcp.scan.cache import RowBudget, ViewCache
from convirza_mcp.scan.results import RequestedView, WholeView
from convirza_mcp.single_flight import background_tasks
from support.drifting import NOW, DriftingInbox
from support.logins import Clock

WINDOW = Window(start=NOW - timedelta(days=30), end=NOW, zone=UTC)
OPEN = RequestedView("allOpen", "30d", None)
CLOSED = RequestedView("close", "30d", None)


class Gated(DriftingInbox):
    """Answer the first `free` requests at once, the others as the gate lets them through."""

    def __init__(self, size: int, free: int) -> None:
        super().__init__(size, before_answer=self._wait)
        self._gate = anyio.Semaphore(0)
        self.held_up = anyio.Event()
        self.waiting = 0
        self._free = free

    def let_through(self, requests: int = 1_000) -> None:
        for _ in range(requests):
            self._gate.release()

    async def _wait(self, _: ConversationQuery) -> None:
        self._free -= 1
        if self._free < 0:
            self.waiting += 1
            self.held_up.set()
            try:
                await self._gate.acquire()
            finally:
                self.waiting -= 1


@asynccontextmanager
async def cache_over(
    reader: ConversationReader, clock: Clock | None = None, **options: Any
) -> AsyncIterator[ViewCache]:
    clock = Clock(NOW) if clock is None else clock
    async with background_tasks() as tasks:
        cache = ViewCache(
            reader, tasks, timeout=30.0, now=clock.now, monotonic=clock.monotonic, rows=RowBudget(), **options
        )
        yield cache
        cache.close()


async def read(cache: ViewCache, asked: RequestedView, window: Window, **options: Any) -> WholeView:
    (view,) = await cache.read_all([asked], window, **options)
    return view
