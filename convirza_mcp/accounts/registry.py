"""Accounts of a server that many people share: opened at the first call, and closed when idle."""

from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field, replace
from datetime import datetime
from time import monotonic
from typing import Self

import anyio
from anyio.abc import TaskGroup

from convirza_mcp.accounts.account import Account, open_account
from convirza_mcp.accounts.calls import CallLimit
from convirza_mcp.api.models import ConversationReader
from convirza_mcp.clock.window import utc_now
from convirza_mcp.scan.cache import PROCESS_ROWS, RowBudget
from convirza_mcp.settings import Settings
from convirza_mcp.single_flight import background_tasks

SHARED = "shared"
"""Name of the account that the settings describe, which serves all principals."""

IDLE_SECONDS = 300.0

OpenClient = Callable[[str, TaskGroup], AbstractAsyncContextManager[ConversationReader]]
"""Function that opens the client of the account with this name; its background work runs in the group."""


@dataclass(frozen=True, slots=True)
class Principal:
    """An authenticated caller. `label` is for the log: no token and no e-mail address.

    `expires_at` is the Unix time at which its credential ends; None without an end. `account` names the Convirza
    account that serves it, and `grant` the client's login that admits it.
    """

    subject: str
    label: str | None = None
    expires_at: float | None = None
    account: str = SHARED
    grant: str | None = None


@dataclass(slots=True, eq=False)
class _Open:
    account: Account
    close: AsyncExitStack
    principals: dict[str, Account] = field(default_factory=dict)
    users: int = 0
    used_at: float = 0.0


class Accounts:
    """Lends accounts to calls. Use it as an async context manager: its end closes every account.

    All accounts share the row budget `rows`; each principal has its own limit of calls a minute. An account without a
    call for `idle` seconds is closed.
    """

    def __init__(
        self,
        open_client: OpenClient,
        settings: Settings,
        *,
        clock: Callable[[], datetime] = utc_now,
        monotonic: Callable[[], float] = monotonic,
        idle: float = IDLE_SECONDS,
        rows: RowBudget = PROCESS_ROWS,
        read_key: Callable[[str], bytes] | None = None,
    ) -> None:
        self._open_client = open_client
        self._settings = settings
        self._clock = clock
        self._monotonic = monotonic
        self._idle = idle
        self._rows = rows
        self._read_key = read_key
        self._open: dict[str, _Open] = {}
        self._opening: dict[str, anyio.Lock] = {}
        self._exit = AsyncExitStack()
        self._tasks: TaskGroup

    async def __aenter__(self) -> Self:
        self._tasks = await self._exit.enter_async_context(background_tasks())
        self._exit.push_async_callback(self._close_all)
        self._tasks.start_soon(self._close_idle_ones)
        return self

    async def __aexit__(self, *_: object) -> None:
        await self._exit.aclose()

    @property
    def open_accounts(self) -> int:
        return len(self._open)

    @property
    def rows_held(self) -> int:
        """Return the rows that all accounts hold in memory."""
        return self._rows.rows_held

    def known(self, subject: str) -> list[Account]:
        """Return the accounts that are open for this principal."""
        return [each.principals[subject] for each in self._open.values() if subject in each.principals]

    @asynccontextmanager
    async def lend(self, principal: Principal) -> AsyncIterator[Account]:
        """Yield the principal's account, with the principal's own call limit; open it if it is not open yet.

        A principal gets the same object for as long as the account is open.

        Raises:
            SettingsError: its client cannot be made.
        """
        opened = await self._opened(principal.account)
        opened.users += 1
        try:
            lent = opened.principals.get(principal.subject)
            if lent is None:
                limit = CallLimit(self._settings.max_calls_per_minute)
                lent = opened.principals[principal.subject] = replace(opened.account, limit=limit)
            yield lent
        finally:
            opened.users -= 1
            opened.used_at = self._monotonic()

    async def _opened(self, name: str) -> _Open:
        # No await between a hit and the caller's count of users, or the account could be closed in between.
        if (opened := self._open.get(name)) is not None:
            return opened
        async with self._opening.setdefault(name, anyio.Lock()):
            if (opened := self._open.get(name)) is None:
                opened = self._open[name] = await self._open_account(name)
                opened.used_at = self._monotonic()
        return opened

    async def _open_account(self, name: str) -> _Open:
        close = AsyncExitStack()
        read_key = self._read_key
        account = await close.enter_async_context(
            open_account(
                self._open_client(name, self._tasks),
                self._settings,
                clock=self._clock,
                tasks=self._tasks,
                rows=self._rows,
                read_key=None if read_key is None else lambda: read_key(name),
            )
        )
        return _Open(account, close)

    async def _close_idle_ones(self) -> None:
        while True:
            await anyio.sleep(self._idle / 4)
            await self.close_idle()

    async def close_idle(self) -> None:
        """Close the accounts that no call has used for `idle` seconds."""
        oldest = self._monotonic() - self._idle
        for name, each in [*self._open.items()]:
            # Looked at again each time: a call may have come while another account closed.
            if not each.users and each.used_at <= oldest:
                del self._open[name]
                await each.close.aclose()

    async def _close_all(self) -> None:
        while self._open:
            await self._open.popitem()[1].close.aclose()
