"""Views held in memory: shared by concurrent questions, for a minute, for one account, within the process's budget."""

import traceback
from datetime import UTC, timedelta

import anyio
import anyio.lowlevel
import pytest

from convirza_mcp.api.models import ConversationPage, ConversationQuery
from convirza_mcp.clock.window import Window
from convirza_mcp.errors import AccountChangedError, PermissionDeniedError
from convirza_mcp.scan.cache import RowBudget, ViewCache
from convirza_mcp.scan.results import Gap, RequestedView
from convirza_mcp.single_flight import background_tasks
from support.caches import CLOSED, OPEN, WINDOW, cache_over, read
from support.drifting import NOW, DriftingInbox, insert
from support.logins import Clock

pytestmark = pytest.mark.virtual_time


async def test_a_second_question_within_the_minute_makes_no_request() -> None:
    inbox, clock = DriftingInbox(450, [[], [], [], [insert]]), Clock(NOW)
    async with cache_over(inbox, clock) as cache:
        first = await read(cache, OPEN, WINDOW)
        clock.pass_by(timedelta(seconds=60))
        again = await read(cache, OPEN, WINDOW, order="asc")
        before = len(inbox.requests)
        clock.pass_by(timedelta(seconds=1))
        later = await read(cache, OPEN, WINDOW)

    assert again is first
    assert before == 3
    assert first.coverage.as_of == NOW
    assert (later.coverage.read, later.coverage.as_of) == (451, NOW + timedelta(seconds=61))


async def test_other_words_for_the_window_are_another_question() -> None:
    inbox, clock = DriftingInbox(10), Clock(NOW)
    async with cache_over(inbox, clock) as cache:
        for asked in (OPEN, RequestedView("allOpen", "29d", None), CLOSED, OPEN):
            await read(cache, asked, WINDOW)

    assert len(inbox.requests) == 3


async def test_concurrent_questions_share_one_scan() -> None:
    inbox, clock = DriftingInbox(900), Clock(NOW)
    found: list[int] = []
    async with cache_over(inbox, clock) as cache:

        async def ask() -> None:
            found.append(len((await read(cache, OPEN, WINDOW)).conversations))

        async with anyio.create_task_group() as tasks:
            for _ in range(4):
                tasks.start_soon(ask)

    assert found == [900] * 4
    assert len(inbox.requests) == 5


async def test_a_failed_page_reaches_every_question_as_its_own_error_and_the_next_call_goes_on() -> None:
    broken = True

    async def fail(query: ConversationQuery) -> None:
        await anyio.lowlevel.checkpoint()
        if broken and query.offset == 400:
            raise PermissionDeniedError("no", status=403)

    inbox = DriftingInbox(900, before_answer=fail)
    caught: list[PermissionDeniedError] = []
    async with cache_over(inbox) as cache:

        async def ask() -> None:
            with pytest.raises(PermissionDeniedError) as raised:
                await read(cache, OPEN, WINDOW)
            caught.append(raised.value)

        async with anyio.create_task_group() as tasks:
            for _ in range(20):
                tasks.start_soon(ask)
        broken = False
        whole = await read(cache, OPEN, WINDOW)

    depths = {sum(1 for _ in traceback.walk_tb(each.__traceback__)) for each in caught}
    assert (len({id(each) for each in caught}), {each.status for each in caught}, len(depths)) == (20, {403}, 1)
    assert (whole.coverage.gap, len(inbox.requests)) == (None, 5)


@pytest.mark.long
async def test_the_caches_of_a_process_hold_100000_rows_and_the_oldest_go_first() -> None:
    clock, rows = Clock(NOW), RowBudget()
    async with background_tasks() as tasks:
        caches = [
            ViewCache(DriftingInbox(40_000), tasks, timeout=30, now=clock.now, monotonic=clock.monotonic, rows=rows)
            for _ in range(3)
        ]
        for cache in caches:
            await read(cache, OPEN, WINDOW)
            clock.pass_by(timedelta(seconds=1))
        held = [[view.coverage.as_of for view in await cache.held()] for cache in caches]

    assert held == [[], [NOW + timedelta(seconds=1)], [NOW + timedelta(seconds=2)]]


async def test_closing_one_cache_leaves_what_another_holds() -> None:
    clock, rows = Clock(NOW), RowBudget()
    async with background_tasks() as tasks:
        first, second = (ViewCache(DriftingInbox(10), tasks, timeout=30, now=clock.now, rows=rows) for _ in range(2))
        await read(first, OPEN, WINDOW)
        await read(second, OPEN, WINDOW)
        first.close()
        held = (await first.held(), len(await second.held()))

    assert held == ([], 1)


async def test_rows_go_after_a_minute_of_real_time_although_the_wall_clock_was_set_back() -> None:
    inbox, clock = DriftingInbox(10, [[insert]]), Clock(NOW)
    async with cache_over(inbox, clock) as cache:
        await read(cache, OPEN, WINDOW)
        clock.time -= timedelta(hours=1)
        clock.seconds += 61
        held = await cache.held()
        again = await read(cache, OPEN, WINDOW)

    assert (held, again.coverage.read) == ([], 11)


async def test_another_account_never_sees_what_is_held() -> None:
    inbox = DriftingInbox(10)
    async with cache_over(inbox) as cache:
        await read(cache, OPEN, WINDOW)
        inbox.account = "another"
        held = await cache.held()
        await read(cache, OPEN, WINDOW)
        held_now = await cache.held()

    assert (held, len(held_now), len(inbox.requests)) == ([], 1, 2)


async def test_a_login_that_changes_in_the_middle_ends_the_scan_and_nothing_of_it_is_held() -> None:
    async def change(query: ConversationQuery) -> None:
        if query.offset == 400:
            inbox.account = "another"

    inbox = DriftingInbox(900, before_answer=change)
    async with cache_over(inbox) as cache:
        with pytest.raises(AccountChangedError, match="Ask again"):
            await read(cache, OPEN, WINDOW)
        held = await cache.held()
        whole = await read(cache, OPEN, WINDOW)

    assert (held, whole.coverage.read, whole.coverage.gap) == ([], 900, None)


async def test_progress_tells_the_pages_read_of_how_many() -> None:
    told: list[tuple[int, int | None]] = []

    async def progress(pages: int, of: int | None) -> None:
        told.append((pages, of))

    async with cache_over(DriftingInbox(900)) as cache:
        await read(cache, OPEN, WINDOW, progress=progress)

    assert told[-1] == (5, 5)
    assert told == sorted(told)


async def test_progress_over_several_views_only_ever_rises() -> None:
    told: list[tuple[int, int | None]] = []

    async def progress(pages: int, of: int | None) -> None:
        told.append((pages, of))

    async with cache_over(DriftingInbox(900)) as cache:
        await cache.read_all([OPEN, CLOSED], WINDOW, progress=progress)

    pages = [each for each, _ in told]
    assert pages == sorted(set(pages))
    assert told[-1] == (10, 10)


async def test_a_conversation_reopened_between_two_views_leaves_the_answer_incomplete() -> None:
    opened, closed = DriftingInbox(300), DriftingInbox(300)
    asked: list[str] = []

    class Both(DriftingInbox):
        async def list_sms_conversations(self, query: ConversationQuery | None = None) -> ConversationPage:
            assert query is not None
            if query.type == "close" and "close" not in asked:
                opened.ids.append(closed.ids.pop())
            asked.append(query.type)
            return await (opened if query.type == "allOpen" else closed).list_sms_conversations(query)

    async with cache_over(Both(0)) as cache:
        first = await cache.read_all([OPEN, CLOSED], WINDOW)
        requests = len(asked)
        again = await cache.read_all([OPEN, CLOSED], WINDOW)

    assert [each.coverage.gap for each in first] == [Gap.MOVED, None]
    assert [each.coverage.gap for each in again] == [Gap.MOVED, None]
    assert (requests, len(asked)) == (5, 5)


async def test_a_view_is_read_in_the_window_of_the_one_in_memory_but_hands_it_no_further() -> None:
    clock = Clock(NOW)

    def window() -> Window:
        return Window(start=clock.time - timedelta(days=30), end=clock.time, zone=UTC)

    ends = []
    async with cache_over(DriftingInbox(10), clock) as cache:
        for asked in ([OPEN], [OPEN, CLOSED], [OPEN, CLOSED], [CLOSED]):
            views = await cache.read_all(asked, window())
            ends.append({(each.window.end - NOW).total_seconds() for each in views})
            clock.pass_by(timedelta(seconds=40))

    # The third one comes after the minute of the first: what lent its window is gone.
    assert ends == [{0}, {0}, {80}, {80}]
