"""Views read against a deadline, and questions that leave before their view is read."""

import weakref
from datetime import UTC, timedelta
from typing import Any

import anyio
import anyio.lowlevel
import pytest

from convirza_mcp.api.models import ConversationQuery
from convirza_mcp.clock.window import Window
from convirza_mcp.errors import AccountChangedError, APITimeoutError, BadRequestError
from convirza_mcp.scan.results import Gap, WholeView
from support.caches import CLOSED, OPEN, WINDOW, Gated, cache_over, read
from support.drifting import NOW, DriftingInbox
from support.logins import Clock

pytestmark = pytest.mark.virtual_time


async def test_the_requests_stop_when_the_last_question_goes_and_not_before() -> None:
    inbox = Gated(900, free=1)
    async with cache_over(inbox) as cache:
        under_way = []
        async with anyio.create_task_group() as tasks:
            callers = [anyio.CancelScope(), anyio.CancelScope()]

            async def ask(caller: anyio.CancelScope) -> None:
                with caller:
                    await read(cache, OPEN, WINDOW)

            for caller in callers:
                tasks.start_soon(ask, caller)
            await inbox.held_up.wait()
            for caller in callers:
                await anyio.wait_all_tasks_blocked()
                caller.cancel()
                await anyio.wait_all_tasks_blocked()
                under_way.append(inbox.waiting)
        inbox.let_through()
        whole = await read(cache, OPEN, WINDOW)

    assert under_way == [4, 0]
    # The first page was kept.
    assert whole.coverage.gap is None
    assert len(inbox.requests) == 5


async def test_a_question_that_comes_while_the_last_one_goes_gets_a_whole_answer() -> None:
    inbox = Gated(900, free=1)
    found: list[int] = []
    async with cache_over(inbox) as cache:

        async def ask() -> None:
            found.append(len((await read(cache, OPEN, WINDOW)).conversations))

        async with anyio.create_task_group() as later:
            async with anyio.create_task_group() as leaving:
                leaving.start_soon(read, cache, OPEN, WINDOW)
                await inbox.held_up.wait()
                leaving.cancel_scope.cancel()
                later.start_soon(ask)
            inbox.let_through()

    assert found == [900]


async def test_a_question_that_comes_while_the_newest_window_is_read_again_waits_for_it() -> None:
    found: list[bool] = []
    window = Window(start=NOW - timedelta(days=60), end=NOW + timedelta(hours=12), zone=UTC)

    async def ask() -> None:
        found.append((await read(cache, OPEN, window)).coverage.complete)

    async def refuse_long_windows(query: ConversationQuery) -> None:
        assert query.start is not None
        assert query.end is not None
        if query.end - query.start > timedelta(days=31):
            raise BadRequestError("too long", status=400)
        if len(inbox.requests) == 2:
            tasks.start_soon(ask)
            await anyio.wait_all_tasks_blocked()

    inbox = DriftingInbox(10, before_answer=refuse_long_windows)
    async with cache_over(inbox) as cache, anyio.create_task_group() as tasks:
        await ask()

    assert found == [True, True]
    assert len(inbox.requests) == 3


async def test_near_the_deadline_the_answer_is_made_of_what_there_is_and_the_next_call_goes_on() -> None:
    inbox = Gated(900, free=3)
    async with cache_over(inbox) as cache:
        with anyio.fail_after(30):
            cut = await read(cache, OPEN, WINDOW)
        inbox.let_through()
        whole = await read(cache, OPEN, WINDOW)

    assert (cut.coverage.gap, cut.coverage.read, cut.coverage.total) == (Gap.TIME, 600, 900)
    assert (whole.coverage.gap, whole.coverage.read, whole.coverage.requests) == (None, 900, 5)
    assert len(inbox.requests) == 5


async def test_an_ascending_question_beside_a_descending_one_keeps_the_oldest() -> None:
    inbox = Gated(2_000, free=1)
    cut: dict[str, WholeView] = {}
    async with cache_over(inbox) as cache:

        async def ask(order: Any) -> None:
            cut[order] = await read(cache, OPEN, WINDOW, order=order)

        async with anyio.create_task_group() as tasks:
            tasks.start_soon(ask, "desc")
            await inbox.held_up.wait()
            await anyio.wait_all_tasks_blocked()
            tasks.start_soon(ask, "asc")
            await anyio.wait_all_tasks_blocked()
            # Four pages from the newest are under way, and then the first from the oldest.
            inbox.let_through(5)
    ascending = cut["asc"]

    assert (ascending.coverage.gap, ascending.holds_oldest) == (Gap.TIME, True)
    assert [each.conversation_id for each in ascending.conversations][:200] == list(range(1, 201))


async def test_a_cut_view_is_not_served_in_the_other_order() -> None:
    inbox = Gated(2_000, free=3)
    async with cache_over(inbox) as cache:
        cut = await read(cache, OPEN, WINDOW)
        inbox.let_through()
        whole = await read(cache, OPEN, WINDOW, order="asc")

    assert (cut.coverage.gap, cut.holds_oldest) == (Gap.TIME, False)
    assert (whole.coverage.gap, whole.coverage.requests) == (None, 10)


async def test_without_a_first_page_there_is_no_answer() -> None:
    async with cache_over(Gated(900, free=0)) as cache:
        with anyio.fail_after(30), pytest.raises(APITimeoutError, match=r"within 30 seconds"):
            await read(cache, OPEN, WINDOW)


async def test_the_time_is_that_of_the_question_whatever_it_reads() -> None:
    inbox = Gated(900, free=7)
    async with cache_over(inbox) as cache:
        with anyio.fail_after(30):
            opened, closed = await cache.read_all([OPEN, CLOSED], WINDOW)

    assert (opened.coverage.gap, opened.coverage.read) == (None, 900)
    assert (closed.coverage.gap, closed.coverage.read) == (Gap.TIME, 400)


async def test_a_view_that_was_not_even_begun_is_said_to_lack() -> None:
    inbox = Gated(900, free=3)
    async with cache_over(inbox) as cache:
        opened, closed = await cache.read_all([OPEN, CLOSED], WINDOW)

    assert (opened.coverage.gap, opened.coverage.read) == (Gap.TIME, 600)
    assert (closed.coverage.gap, closed.coverage.read, closed.coverage.total) == (Gap.TIME, 0, None)


async def test_rows_go_after_their_time_without_further_questions() -> None:
    clock = Clock(NOW)
    async with cache_over(DriftingInbox(300), clock, held_for=timedelta(seconds=0.2)) as cache:
        await read(cache, OPEN, WINDOW)
        rows = weakref.ref((await cache.held())[0])
        clock.pass_by(timedelta(seconds=1))
        await anyio.sleep(0.2)

    assert rows() is None


async def test_closing_stops_a_scan_and_says_so_to_its_questions() -> None:
    inbox = Gated(900, free=1)
    async with cache_over(inbox) as cache, anyio.create_task_group() as tasks:

        async def ask() -> None:
            with pytest.raises(AccountChangedError, match="closed"):
                await read(cache, OPEN, WINDOW)

        tasks.start_soon(ask)
        await inbox.held_up.wait()
        cache.close()

    assert inbox.waiting == 0
