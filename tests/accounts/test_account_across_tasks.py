"""An account's background work lives in a group that is handed to it: any task may open or close it."""

from pathlib import Path

import anyio
import httpx2

from convirza_mcp import ConvirzaClient, Settings
from convirza_mcp.accounts.account import Account, open_account
from convirza_mcp.clock.window import Window
from convirza_mcp.scan.results import RequestedView
from convirza_mcp.single_flight import background_tasks
from support.logins import Clock, Service, login, stored, stored_token
from support.rows import envelope, row


async def test_one_task_opens_an_account_and_another_closes_it(tmp_path: Path) -> None:
    clock = Clock()
    service = Service(clock)
    credential = stored_token(stored(tmp_path / "state", login(clock)), service)
    answer = httpx2.MockTransport(lambda _: httpx2.Response(200, json=envelope([row()])))
    window = Window.read("7d", None, now=clock.time, zone=Settings(token="x").zone, default_days=30)
    opened: list[Account] = []
    async with background_tasks() as tasks:
        client = ConvirzaClient(credential, transport=answer, tasks=tasks)
        account = open_account(client, Settings(token="unused"), clock=clock.now, tasks=tasks)

        async def open_it() -> None:
            opened.append(await account.__aenter__())

        async def use_it() -> None:
            assert await credential.try_refresh("an older one")
            (view,) = await opened[0].views.read_all([RequestedView("allOpen", "7d", None)], window)
            await opened[0].poller.poll(max_age=60, days=7)
            assert view.coverage.gap is None

        async def close_it() -> None:
            await account.__aexit__(None, None, None)

        for step in (open_it, use_it, close_it):
            async with anyio.create_task_group() as task:
                task.start_soon(step)
        held = await opened[0].views.held()

    assert held == []
