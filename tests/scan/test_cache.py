import weakref
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import anyio
import httpx2
import pytest

from convirza_mcp import ConvirzaClient
from convirza_mcp.api.login.credentials import TokenFile
from convirza_mcp.clock.window import Window
from convirza_mcp.errors import AccountChangedError, APITimeoutError, PermissionDeniedError
from convirza_mcp.scan.cache import AskedView, ViewCache, WholeView
from convirza_mcp.scan.coverage import Gap
from support.drifting import NOW, DriftingInbox, insert
from support.rows import answering

WINDOW = Window(start=NOW - timedelta(days=30), end=NOW, zone=UTC)
OPEN = AskedView("allOpen", "30d", None)


class Clock:
    def __init__(self) -> None:
        self.now = NOW

    def __call__(self) -> datetime:
        return self.now

    def pass_seconds(self, seconds: float) -> None:
        self.now += timedelta(seconds=seconds)


class Gated(httpx2.AsyncBaseTransport):
    """Answers the first `free` requests at once, the others as the gate lets them through."""

    def __init__(self, inbox: DriftingInbox, free: int) -> None:
        self.inbox = inbox
        self._gate = anyio.Semaphore(0)
        self.held_up = anyio.Event()
        self.under_way = 0
        self._free = free

    def let_through(self, requests: int = 1_000) -> None:
        for _ in range(requests):
            self._gate.release()

    async def handle_async_request(self, request: httpx2.Request) -> httpx2.Response:
        self.under_way += 1
        try:
            self._free -= 1
            if self._free < 0:
                self.held_up.set()
                await self._gate.acquire()
            return self.inbox(request)
        finally:
            self.under_way -= 1


@asynccontextmanager
async def views_over(
    transport: httpx2.AsyncBaseTransport, clock: Clock, credential: Any = "x", seconds: float = 30.0
) -> AsyncIterator[ViewCache]:
    client = ConvirzaClient(credential, transport=transport)
    async with client, ViewCache(client, timeout=seconds, now=clock) as views:
        yield views


async def test_a_second_question_within_the_minute_makes_no_request() -> None:
    inbox, clock = DriftingInbox(450, [[], [], [], [insert]]), Clock()
    async with views_over(answering(inbox), clock) as views:
        first = await views.read(OPEN, WINDOW)
        clock.pass_seconds(60)
        again = await views.read(OPEN, WINDOW, order="asc")
        before = len(inbox.requests)
        clock.pass_seconds(1)
        later = await views.read(OPEN, WINDOW)

    assert again is first
    assert before == 3
    assert first.coverage.as_of == NOW
    assert (later.coverage.read, later.coverage.as_of) == (451, NOW + timedelta(seconds=61))


async def test_other_words_for_the_window_are_another_question() -> None:
    inbox, clock = DriftingInbox(10), Clock()
    async with views_over(answering(inbox), clock) as views:
        for asked in (OPEN, AskedView("allOpen", "29d", None), AskedView("close", "30d", None), OPEN):
            await views.read(asked, WINDOW)

    assert len(inbox.requests) == 3


async def test_questions_at_the_same_time_share_one_reading() -> None:
    inbox, clock = DriftingInbox(900), Clock()
    found: list[int] = []
    async with views_over(answering(inbox), clock) as views:

        async def ask(order: Any) -> None:
            found.append(len((await views.read(OPEN, WINDOW, order=order)).conversations))

        async with anyio.create_task_group() as tasks:
            for order in ("desc", "asc", "desc", "desc"):
                tasks.start_soon(ask, order)

    assert found == [900] * 4
    assert len(inbox.requests) == 5


async def test_the_requests_stop_when_the_last_asker_goes_and_not_before() -> None:
    clock = Clock()
    transport = Gated(DriftingInbox(900), free=1)
    async with views_over(transport, clock) as views:
        async with anyio.create_task_group() as first, anyio.create_task_group() as second:
            first.start_soon(views.read, OPEN, WINDOW)
            second.start_soon(views.read, OPEN, WINDOW)
            await transport.held_up.wait()
            await anyio.wait_all_tasks_blocked()
            first.cancel_scope.cancel()
            await anyio.wait_all_tasks_blocked()
            assert transport.under_way == 4
            second.cancel_scope.cancel()
            await anyio.wait_all_tasks_blocked()
            assert transport.under_way == 0
        transport.let_through()
        whole = await views.read(OPEN, WINDOW)

    # The first page was kept.
    assert whole.coverage.gap is None
    assert len(transport.inbox.requests) == 5


async def test_an_asker_who_comes_while_the_last_one_goes_gets_a_whole_answer() -> None:
    clock = Clock()
    transport = Gated(DriftingInbox(900), free=1)
    found: list[int] = []
    async with views_over(transport, clock) as views:

        async def ask() -> None:
            found.append(len((await views.read(OPEN, WINDOW)).conversations))

        async with anyio.create_task_group() as later:
            async with anyio.create_task_group() as leaving:
                leaving.start_soon(views.read, OPEN, WINDOW)
                await transport.held_up.wait()
                leaving.cancel_scope.cancel()
                later.start_soon(ask)
            transport.let_through()

    assert found == [900]


async def test_near_the_deadline_the_answer_is_made_of_what_there_is_and_the_next_call_goes_on() -> None:
    clock = Clock()
    transport = Gated(DriftingInbox(900), free=3)
    async with views_over(transport, clock, seconds=0.3) as views:
        with anyio.fail_after(0.9):
            cut = await views.read(OPEN, WINDOW)
        transport.let_through()
        whole = await views.read(OPEN, WINDOW)

    assert (cut.coverage.gap, cut.coverage.read, cut.coverage.total) == (Gap.TIME, 600, 900)
    assert (whole.coverage.gap, whole.coverage.read, whole.coverage.requests) == (None, 900, 5)
    assert len(transport.inbox.requests) == 5


async def test_who_joins_for_the_oldest_does_not_lose_them_to_a_cut() -> None:
    transport = Gated(DriftingInbox(2_000), free=1)
    cut: list[WholeView] = []
    async with views_over(transport, Clock(), seconds=0.5) as views:

        async def ask(order: Any) -> None:
            cut.append(await views.read(OPEN, WINDOW, order=order))

        async with anyio.create_task_group() as tasks:
            tasks.start_soon(ask, "desc")
            await transport.held_up.wait()
            tasks.start_soon(ask, "asc")
            await anyio.wait_all_tasks_blocked()
            # The four pages under way were asked for before; the next four are the oldest.
            transport.let_through(8)
        whole = cut[-1]

    assert [each.holds_oldest for each in cut] == [True, True]
    assert (whole.coverage.gap, whole.coverage.read) == (Gap.TIME, 9 * 200)
    assert [each.conversation_id for each in whole.conversations][-800:] == list(range(800, 0, -1))


async def test_without_a_first_page_there_is_no_answer() -> None:
    async with views_over(Gated(DriftingInbox(900), free=0), Clock(), seconds=0.3) as views:
        with anyio.fail_after(0.9), pytest.raises(APITimeoutError, match=r"within 0\.3 seconds"):
            await views.read(OPEN, WINDOW)


async def test_a_failed_page_reaches_every_asker_as_itself_and_the_next_call_goes_on() -> None:
    inbox, clock = DriftingInbox(900), Clock()
    broken = True

    def api(request: httpx2.Request) -> httpx2.Response:
        if broken and request.url.params["offset"] == "400":
            return httpx2.Response(403, json={"message": "no"})
        return inbox(request)

    caught: list[type[BaseException]] = []
    async with views_over(answering(api), clock) as views:

        async def ask() -> None:
            try:
                await views.read(OPEN, WINDOW)
            except Exception as error:  # noqa: BLE001 - its very type is what is asserted
                caught.append(type(error))

        async with anyio.create_task_group() as tasks:
            tasks.start_soon(ask)
            tasks.start_soon(ask)
        broken = False
        whole = await views.read(OPEN, WINDOW)

    assert caught == [PermissionDeniedError, PermissionDeniedError]
    assert (whole.coverage.gap, len(inbox.requests)) == (None, 5)


@pytest.mark.long
async def test_at_most_100000_rows_are_held_and_the_oldest_go_first() -> None:
    inbox, clock = DriftingInbox(40_000), Clock()
    async with views_over(answering(inbox), clock) as views:
        for day in range(1, 4):
            await views.read(AskedView("allOpen", f"{day}d", None), WINDOW)
            clock.pass_seconds(1)
        held = [whole.coverage.as_of for whole in await views.held()]

    assert held == [NOW + timedelta(seconds=2), NOW + timedelta(seconds=1)]


async def test_another_account_never_sees_what_is_held(tmp_path: Path) -> None:
    token = tmp_path / "token"
    token.write_text("first", encoding="utf-8")
    inbox, clock = DriftingInbox(10), Clock()
    async with views_over(answering(inbox), clock, TokenFile(token)) as views:
        await views.read(OPEN, WINDOW)
        token.write_text("another", encoding="utf-8")
        assert await views.held() == []
        await views.read(OPEN, WINDOW)
        assert len(await views.held()) == 1

    assert [each.headers["authorization"] for each in inbox.requests] == ["Bearer first", "Bearer another"]


async def test_a_login_that_changes_in_the_middle_ends_the_reading_and_nothing_of_it_is_held(tmp_path: Path) -> None:
    token = tmp_path / "token"
    token.write_text("first", encoding="utf-8")
    inbox, clock = DriftingInbox(900), Clock()

    def api(request: httpx2.Request) -> httpx2.Response:
        if len(inbox.requests) == 2:
            token.write_text("another", encoding="utf-8")
        return inbox(request)

    async with views_over(answering(api), clock, TokenFile(token)) as views:
        with pytest.raises(AccountChangedError, match="Ask again"):
            await views.read(OPEN, WINDOW)
        assert await views.held() == []
        before = len(inbox.requests)
        whole = await views.read(OPEN, WINDOW)

    assert (whole.coverage.read, whole.coverage.gap) == (900, None)
    assert {each.headers["authorization"] for each in inbox.requests[before:]} == {"Bearer another"}


async def test_progress_tells_the_pages_read_of_how_many() -> None:
    told: list[tuple[int, int | None]] = []

    async def progress(pages: int, of: int | None) -> None:
        told.append((pages, of))

    async with views_over(answering(DriftingInbox(900)), Clock()) as views:
        await views.read(OPEN, WINDOW, progress=progress)

    assert told[-1] == (5, 5)
    assert told == sorted(told)


async def test_progress_over_several_views_only_ever_rises() -> None:
    told: list[tuple[int, int | None]] = []

    async def progress(pages: int, of: int | None) -> None:
        told.append((pages, of))

    async with views_over(answering(DriftingInbox(900)), Clock()) as views:
        await views.read_all([OPEN, AskedView("close", "30d", None)], WINDOW, progress=progress)

    pages = [each for each, _ in told]
    assert pages == sorted(set(pages))
    assert told[-1] == (10, 10)


async def test_the_time_is_that_of_the_question_whatever_it_reads() -> None:
    transport = Gated(DriftingInbox(900), free=7)
    async with views_over(transport, Clock(), seconds=0.5) as views:
        with anyio.fail_after(1.5):
            opened, closed = await views.read_all([OPEN, AskedView("close", "30d", None)], WINDOW)

    assert (opened.coverage.gap, opened.coverage.read) == (None, 900)
    assert (closed.coverage.gap, closed.coverage.read) == (Gap.TIME, 400)


async def test_a_view_that_was_not_even_begun_is_said_to_lack() -> None:
    transport = Gated(DriftingInbox(900), free=3)
    async with views_over(transport, Clock(), seconds=0.3) as views:
        opened, closed = await views.read_all([OPEN, AskedView("close", "30d", None)], WINDOW)

    assert (opened.coverage.gap, opened.coverage.read) == (Gap.TIME, 600)
    assert (closed.coverage.gap, closed.coverage.read, closed.coverage.total) == (Gap.TIME, 0, None)


async def test_one_that_is_reopened_between_two_views_is_not_called_complete() -> None:
    opened, closed = DriftingInbox(300), DriftingInbox(300)
    asked: list[str] = []

    def api(request: httpx2.Request) -> httpx2.Response:
        view = request.url.params["type"]
        if view == "close" and "close" not in asked:
            opened.ids.append(closed.ids.pop())
        asked.append(view)
        return (opened if view == "allOpen" else closed)(request)

    both = [OPEN, AskedView("close", "30d", None)]
    async with views_over(answering(api), Clock()) as views:
        first = await views.read_all(both, WINDOW)
        requests = len(asked)
        again = await views.read_all(both, WINDOW)

    assert [each.coverage.gap for each in first] == [Gap.MOVED, None]
    assert [each.coverage.gap for each in again] == [Gap.MOVED, None]
    assert (requests, len(asked)) == (5, 5)


async def test_what_is_held_goes_after_its_time_though_nobody_asks() -> None:
    inbox, clock = DriftingInbox(300), Clock()
    client = ConvirzaClient("x", transport=answering(inbox))
    held_for = timedelta(seconds=0.2)
    async with client, ViewCache(client, timeout=30.0, now=clock, held_for=held_for) as views:
        await views.read(OPEN, WINDOW)
        rows = weakref.ref((await views.held())[0])
        clock.pass_seconds(1)
        with anyio.fail_after(2):
            while rows() is not None:
                await anyio.lowlevel.checkpoint()

    assert rows() is None


async def test_closing_stops_a_reading_under_way() -> None:
    transport = Gated(DriftingInbox(900), free=1)
    async with anyio.create_task_group() as tasks, views_over(transport, Clock()) as views:
        tasks.start_soon(views.read, OPEN, WINDOW)
        await transport.held_up.wait()
        tasks.cancel_scope.cancel()

    assert transport.under_way == 0
