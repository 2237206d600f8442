"""What every tool works with."""

from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import dataclass
from datetime import datetime

from convirza_mcp.answers.budget import Budget
from convirza_mcp.answers.privacy_line import privacy_line
from convirza_mcp.api.reader import ConversationReader
from convirza_mcp.clock.window import utc_now
from convirza_mcp.scan.cache import Progress, ViewCache, no_progress
from convirza_mcp.scan.latest import Poller
from convirza_mcp.settings import Settings


@dataclass(frozen=True, slots=True, kw_only=True)
class Context:
    """The client, what it has read, the settings, the clock, and who wants to know about progress.

    In a privacy mode the client is what stands before the real one, and gives rows without contacts.
    """

    client: ConversationReader
    settings: Settings
    views: ViewCache
    newest: Poller
    now: Callable[[], datetime] = utc_now
    progress: Progress = no_progress

    @property
    def budget(self) -> Budget:
        """What an answer may cost besides the line on the privacy mode, which it gets at the end."""
        budget = Budget(self.settings.max_result_tokens)
        line = privacy_line(self.settings.privacy)
        return budget if line is None else budget.beside(f',"privacy":"{line}"')


@asynccontextmanager
async def open_context(
    client: AbstractAsyncContextManager[ConversationReader],
    settings: Settings,
    *,
    now: Callable[[], datetime] = utc_now,
) -> AsyncIterator[Context]:
    """A context for as long as the block lasts; it opens the client, and closes it.

    The one place where a client is opened for tools and commands, and so the one that keeps the privacy mode.
    """
    async with client as opened:
        reader = opened if settings.privacy == "off" else _private(opened, settings)
        async with ViewCache(reader, timeout=settings.timeout, now=now) as views, Poller(reader, now=now) as newest:
            yield Context(client=reader, settings=settings, views=views, newest=newest, now=now)


def _private(opened: ConversationReader, settings: Settings) -> ConversationReader:
    # Imported here: most servers run without.
    from convirza_mcp.privacy.reader import PrivatePages

    return PrivatePages(opened, settings.privacy, timeout=settings.timeout)
