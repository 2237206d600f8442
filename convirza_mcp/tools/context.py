"""What every tool works with."""

from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import dataclass
from datetime import datetime

from convirza_mcp.api.client import ConvirzaClient
from convirza_mcp.config import Settings
from convirza_mcp.inbox.budget import Budget
from convirza_mcp.inbox.views import Progress, Views, no_progress
from convirza_mcp.inbox.window import utc_now


@dataclass(frozen=True, slots=True, kw_only=True)
class Context:
    """The client, the views it has read, the settings, the clock, and who wants to know about progress."""

    client: ConvirzaClient
    settings: Settings
    views: Views
    now: Callable[[], datetime] = utc_now
    progress: Progress = no_progress

    @property
    def budget(self) -> Budget:
        return Budget(self.settings.max_result_tokens)


@asynccontextmanager
async def open_context(
    client: AbstractAsyncContextManager[ConvirzaClient], settings: Settings, *, now: Callable[[], datetime] = utc_now
) -> AsyncIterator[Context]:
    """A context for as long as the block lasts; it opens the client, and closes it."""
    async with client as opened, Views(opened, timeout=settings.timeout, now=now) as views:
        yield Context(client=opened, settings=settings, views=views, now=now)
