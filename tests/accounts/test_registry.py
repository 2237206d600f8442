"""Accounts that many share: opened once, kept apart, closed when idle, within one row budget."""

from collections.abc import AsyncIterator
from contextlib import AbstractAsyncContextManager, asynccontextmanager

import anyio
import anyio.lowlevel
import pytest
from anyio.abc import TaskGroup

from convirza_mcp import ConvirzaClient, Settings
from convirza_mcp.accounts.registry import Accounts, Principal
from convirza_mcp.api.models import ConversationReader
from convirza_mcp.errors import CallLimitError
from support.rows import answering, envelope

ANN, BEN, EVE = Principal("key:ann"), Principal("key:ben"), Principal("key:eve", account="other")
SETTINGS = Settings(token="CNVZ-AT-7f3e9d", max_calls_per_minute=1)


class Clients:
    """Opens clients, and notes which are open. With `held`, they close when it is set."""

    def __init__(self) -> None:
        self.opened: list[str] = []
        self.open: list[str] = []
        self.held: anyio.Event | None = None

    def __call__(self, name: str, tasks: TaskGroup) -> AbstractAsyncContextManager[ConversationReader]:
        return self._client(name, tasks)

    @asynccontextmanager
    async def _client(self, name: str, tasks: TaskGroup) -> AsyncIterator[ConversationReader]:
        self.opened.append(name)
        # Others ask for the same account meanwhile.
        await anyio.lowlevel.checkpoint()
        async with ConvirzaClient.from_settings(SETTINGS, transport=answering(envelope([])), tasks=tasks) as client:
            self.open.append(name)
            try:
                yield client
            finally:
                if self.held is not None:
                    await self.held.wait()
                self.open.remove(name)


@pytest.fixture
def clients() -> Clients:
    return Clients()


async def test_an_account_is_opened_at_the_first_call_and_once(clients: Clients) -> None:
    async def call(accounts: Accounts, principal: Principal) -> None:
        async with accounts.lend(principal):
            await anyio.lowlevel.checkpoint()

    async with Accounts(clients, SETTINGS) as accounts:
        assert clients.opened == []
        async with anyio.create_task_group() as tasks:
            for principal in (ANN, BEN, ANN, EVE):
                tasks.start_soon(call, accounts, principal)
        assert sorted(clients.opened) == ["other", "shared"]
        assert accounts.open_accounts == 2
    assert clients.open == []


async def test_each_principal_has_its_own_limit(clients: Clients) -> None:
    async with Accounts(clients, SETTINGS) as accounts:
        async with accounts.lend(ANN) as first, accounts.lend(BEN) as second:
            assert first is not second
            assert first.views is second.views
            first.limit.admit()
            second.limit.admit()
        async with accounts.lend(ANN) as again:
            assert again is first
            with pytest.raises(CallLimitError):
                again.limit.admit()


async def test_an_idle_account_is_closed_and_a_used_one_is_not(clients: Clients) -> None:
    now = [0.0]
    async with Accounts(clients, SETTINGS, monotonic=lambda: now[0], idle=300.0) as accounts:
        async with accounts.lend(EVE):
            pass
        async with accounts.lend(ANN):
            now[0] = 301.0
            await accounts.close_idle()
            assert clients.open == ["shared"]
        now[0] = 600.0
        await accounts.close_idle()
        assert clients.open == ["shared"]
        now[0] = 602.0
        await accounts.close_idle()
        assert clients.open == []
        assert accounts.known("key:ann") == []
        async with accounts.lend(ANN):
            assert clients.opened == ["other", "shared", "shared"]


async def test_an_account_that_is_used_again_while_another_closes_stays_open(clients: Clients) -> None:
    now = [0.0]
    async with Accounts(clients, SETTINGS, monotonic=lambda: now[0], idle=300.0) as accounts:
        for principal in (EVE, ANN):
            async with accounts.lend(principal):
                pass
        now[0] = 301.0
        clients.held = anyio.Event()
        async with anyio.create_task_group() as tasks:
            tasks.start_soon(accounts.close_idle)
            await anyio.wait_all_tasks_blocked()
            async with accounts.lend(ANN):
                clients.held.set()
                await anyio.wait_all_tasks_blocked()
                assert clients.open == ["shared"]


async def test_an_account_that_cannot_be_opened_may_be_opened_later(clients: Clients) -> None:
    fails = [True]

    def opening(name: str, tasks: TaskGroup) -> AbstractAsyncContextManager[ConversationReader]:
        if fails[0]:
            raise OSError
        return clients(name, tasks)

    async with Accounts(opening, SETTINGS) as accounts:
        with pytest.raises(OSError, match="^$"):
            async with accounts.lend(ANN):
                pass
        fails[0] = False
        async with accounts.lend(ANN):
            assert clients.open == ["shared"]
