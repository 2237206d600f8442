"""One task that many callers wait for, whichever of them goes, and whoever closes."""

import traceback

import anyio
import pytest

from convirza_mcp.errors import RateLimitError
from convirza_mcp.single_flight import FlightCancelledError, SingleFlight, background_tasks


async def test_callers_share_one_run() -> None:
    runs = 0
    results: list[int] = []

    async def work() -> int:
        nonlocal runs
        runs += 1
        await anyio.wait_all_tasks_blocked()
        return 7

    async with background_tasks() as tasks:
        flight = SingleFlight(tasks, work)

        async def ask() -> None:
            results.append(await flight.result())

        async with anyio.create_task_group() as callers:
            for _ in range(10):
                callers.start_soon(ask)
        late = await flight.result()

    assert (runs, results, late, flight.is_running) == (1, [7] * 10, 7, False)


@pytest.mark.parametrize("needs_waiter", [False, True])
async def test_the_last_caller_to_leave_cancels_a_task_that_needs_one(needs_waiter: bool) -> None:
    async with background_tasks() as tasks:
        flight = SingleFlight(tasks, anyio.sleep_forever, needs_waiter=needs_waiter)
        running = []
        async with anyio.create_task_group() as callers:
            scopes = [anyio.CancelScope(), anyio.CancelScope()]

            async def ask(scope: anyio.CancelScope) -> None:
                with scope:
                    await flight.result()

            for scope in scopes:
                callers.start_soon(ask, scope)
            for scope in scopes:
                await anyio.wait_all_tasks_blocked()
                scope.cancel()
                await anyio.wait_all_tasks_blocked()
                running.append(flight.is_running)

    assert running == [True, not needs_waiter]
    with pytest.raises(FlightCancelledError):
        await flight.result()


async def test_every_caller_raises_an_error_of_its_own_and_no_traceback_grows() -> None:
    async def work() -> None:
        raise RateLimitError("slow down", status=429, retry_after=3.0)

    caught: list[RateLimitError] = []
    async with background_tasks() as tasks:
        flight = SingleFlight(tasks, work)
        for _ in range(50):
            with pytest.raises(RateLimitError) as raised:
                await flight.result()
            caught.append(raised.value)

    assert len({id(each) for each in caught}) == 50
    assert {(str(each), each.retry_after, each.status) for each in caught} == {("slow down", 3.0, 429)}
    names = {tuple(frame.f_code.co_name for frame, _ in traceback.walk_tb(each.__traceback__)) for each in caught}
    assert len(names) == 1
    assert "work" in names.pop()


async def test_news_reach_the_callers_that_wait() -> None:
    told: list[int] = []
    pages = 0

    async def work() -> None:
        nonlocal pages
        while pages < 3:
            pages += 1
            flight.tell()
            await anyio.wait_all_tasks_blocked()

    async def on_news() -> None:
        told.append(pages)

    async with background_tasks() as tasks:
        flight = SingleFlight(tasks, work)
        await flight.result(on_news)

    assert told[:3] == [1, 2, 3]


async def test_a_flight_opened_in_one_task_closes_in_another() -> None:
    async with background_tasks() as tasks:
        opened: list[SingleFlight[None]] = []

        async def open_it() -> None:
            opened.append(SingleFlight(tasks, anyio.sleep_forever, shield=True))

        async def close_it() -> None:
            opened[0].scope.cancel()
            with pytest.raises(FlightCancelledError):
                await opened[0].result()

        for step in (open_it, close_it):
            async with anyio.create_task_group() as task:
                task.start_soon(step)

    assert not opened[0].is_running


async def test_the_block_of_background_tasks_raises_its_own_error() -> None:
    async def fail() -> None:
        async with background_tasks() as tasks:
            tasks.start_soon(anyio.sleep_forever)
            raise ValueError("its own")

    with pytest.raises(ValueError, match="its own"):
        await fail()
