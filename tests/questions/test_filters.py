"""A question about the start of conversations: what a cached answer counts, and what it does not read again."""

from datetime import datetime, timedelta
from functools import partial
from typing import Any

import anyio
import pytest

from convirza_mcp.clock.periods import CompareTo
from convirza_mcp.questions.filters import Filters
from convirza_mcp.questions.scope import read_window
from convirza_mcp.questions.summary import summary
from convirza_mcp.rules.by_time import ByTime
from convirza_mcp.sandbox import Sandbox
from support.calls import NOW, Asking, asking
from support.convirza import Convirza
from support.logins import Clock
from support.rows import answering, row

SANDBOX = {"conversations": 300, "now": NOW}
LATER = timedelta(seconds=25)


def moment(text: str) -> datetime:
    return datetime.fromisoformat(text)


async def summary_of(ask: Asking, compare_to: CompareTo | None = None, *, by_time: ByTime, start: str) -> Any:
    request = ask.account.request()
    filters = Filters(by_time=by_time)
    return await summary(request, read_window(request, start, None), filters=filters, compare_to=compare_to)


@pytest.mark.parametrize("by_time", ["started", "closed"])
@pytest.mark.parametrize("start", ["2026-03-01", "5d"])
async def test_a_comparison_serves_the_questions_after_it(sandbox: Sandbox, by_time: ByTime, start: str) -> None:
    clock = Clock(NOW)
    async with asking(sandbox, clock=clock.now) as ask:
        alone = await summary_of(ask, by_time=by_time, start=start)
    async with asking(sandbox, clock=clock.now) as ask:
        first = await summary_of(ask, "previous", by_time=by_time, start=start)
        requests = len(sandbox.requests)
        clock.pass_by(LATER)
        again = await summary_of(ask, "previous", by_time=by_time, start=start)
        after = await summary_of(ask, by_time=by_time, start=start)
        listed = await ask("search", by_time=by_time, start=start, limit=1)

    assert len(sandbox.requests) == requests
    assert (again.window, again.before_window, again.total) == (first.window, first.before_window, first.total)
    assert (after.window, after.total, after.without_time) == (alone.window, alone.total, alone.without_time)
    assert after.read_back_to == alone.read_back_to
    assert listed["matches"] == alone.total.conversations > 0


async def test_a_list_has_the_rows_that_were_counted_although_time_passes() -> None:
    clock, began = Clock(NOW), NOW - timedelta(minutes=14, seconds=50)
    unanswered = row(1, first_response_time=None, conversation_started=f"{began:%Y-%m-%dT%H:%M:%SZ}")
    async with asking(answering(Convirza(unanswered)), clock=clock.now) as ask:
        counted = await ask("summarize")
        clock.pass_by(LATER)
        listed = await ask("search", only="missed_target")

    assert counted["missed_target"] == listed["matches"] == 0


async def test_a_conversation_that_moved_since_the_other_view_was_read_began_in_the_window() -> None:
    clock, began = Clock(NOW), f"{NOW - timedelta(minutes=5):%Y-%m-%dT%H:%M:%SZ}"
    moved = row(2, conversation_started=began, conversation_updated=f"{NOW + LATER:%Y-%m-%dT%H:%M:%SZ}")
    convirza = Convirza(row(1, conversation_started=began, conversation_updated=began), closed=[moved])
    convirza.arrange = lambda rows, asked: [
        each for each in rows if moment(each["conversation_updated"]) <= moment(asked["end"])
    ]
    async with asking(answering(convirza), clock=clock.now) as ask:
        await ask("search", type="allOpen", start="1h")
        clock.pass_by(LATER)
        found = await ask("search", by_time="started", start="1h")

    assert (found["coverage"]["complete"], found["matches"]) == (True, 2)


async def test_two_questions_at_once_share_one_reading(sandbox: Sandbox) -> None:
    clock, before = Clock(NOW), len(sandbox.requests)

    def later_each_time() -> datetime:
        clock.pass_by(timedelta(seconds=1.5))
        return clock.now()

    async with asking(sandbox, clock=clock.now) as ask:
        await summary_of(ask, by_time="started", start="5d")
    alone = len(sandbox.requests)
    async with asking(sandbox, clock=later_each_time) as ask, anyio.create_task_group() as group:
        for _ in range(2):
            group.start_soon(partial(summary_of, ask, by_time="started", start="5d"))
    assert len(sandbox.requests) - alone == alone - before


async def test_no_window_is_longer_than_what_was_read(sandbox: Sandbox) -> None:
    clock = Clock(NOW - timedelta(days=1))
    async with asking(sandbox, clock=clock.now) as ask:
        await summary_of(ask, by_time="started", start="1d")
        clock.pass_by(LATER)
        request = ask.account.request()
        window = read_window(request, "1d", f"{clock.now() - LATER / 2:%Y-%m-%dT%H:%M:%SZ}")
        found = await summary(request, window, filters=Filters(by_time="started"))

    assert (found.window, found.coverage.as_of) == (window, clock.now())
