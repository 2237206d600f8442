"""A question about the start or the closing of conversations counts as of when it began, although messages arrive."""

from datetime import timedelta
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from convirza_mcp.questions.filters import Filters
from convirza_mcp.questions.scan import Scan
from convirza_mcp.questions.scope import read_window
from convirza_mcp.rules.by_time import TIME_FIELDS, ByTime
from support.calls import NOW, Asking, asking
from support.live import LiveInbox, Move, arrive, close, message, reopen
from support.logins import Clock
from support.rows import answering

LATER, TWO_DAYS = timedelta(seconds=25), timedelta(days=2)
BY_TIMES: tuple[ByTime, ...] = ("started", "closed")
PLACES = st.floats(0, 1, allow_nan=False)
MOVES = st.one_of(
    st.just(arrive), PLACES.map(message), PLACES.map(lambda place: message(place, closed=True)), PLACES.map(close)
)


async def counted(ask: Asking, inbox: LiveInbox, **question: Any) -> dict[str, Any]:
    """Return a summary, after a check that the list behind it, later, has as many and costs no request."""
    found = await ask("summarize", **question)
    requests = inbox.requests
    inbox.clock.pass_by(LATER)
    listed = await ask("search", limit=1, **{name: each for name, each in question.items() if name != "compare_to"})
    again = await ask("summarize", **question)

    assert inbox.requests == requests
    assert (listed["matches"], listed["window"]) == (found["conversations"], found["window"])
    assert again == found
    return found


@pytest.mark.parametrize("by_time", BY_TIMES)
@pytest.mark.parametrize("hours", [0, 12])
@pytest.mark.parametrize("before_answer", range(4))
async def test_a_message_before_its_conversation_is_read_takes_nothing_from_the_count(
    by_time: ByTime, hours: int, before_answer: int
) -> None:
    moves: list[list[Move]] = [*[[]] * before_answer, [message(0.8, closed=by_time == "closed"), arrive]]
    inbox = LiveInbox(45, Clock(NOW), moves)
    inbox.largest_page = 10
    end = NOW - timedelta(hours=hours)
    expected = inbox.count(TIME_FIELDS[by_time], NOW - TWO_DAYS, end)
    async with asking(answering(inbox), clock=inbox.clock.now) as ask:
        found = await counted(ask, inbox, by_time=by_time, start="2d", end=f"{hours}h" if hours else "now")

    assert (found["coverage"]["complete"], found["conversations"]) == (True, expected)
    assert found["window"] == f"2026-03-04 09:12 to {end - timedelta(hours=7):%Y-%m-%d %H:%M} America/Denver"


@given(
    size=st.integers(0, 70),
    moves=st.lists(st.lists(MOVES, max_size=2), max_size=7),
    by_time=st.sampled_from(BY_TIMES),
    compare_to=st.sampled_from([None, "previous", "week_before"]),
)
@example(size=60, moves=[[message(0.9)], [arrive], [message(0.5, closed=True)]], by_time="started", compare_to=None)
@example(size=60, moves=[[message(0.9), arrive]], by_time="started", compare_to="previous")
@example(size=60, moves=[[], [message(0.9, closed=True)]], by_time="closed", compare_to="previous")
async def test_a_complete_count_is_exact_whatever_happens_meanwhile(
    size: int, moves: list[list[Move]], by_time: ByTime, compare_to: str | None
) -> None:
    inbox = LiveInbox(size, Clock(NOW), moves)
    inbox.largest_page = 20
    field, ends = TIME_FIELDS[by_time], [NOW]
    if compare_to is not None:
        ends.append(NOW - (timedelta(days=7) if compare_to == "week_before" else TWO_DAYS + timedelta(seconds=1)))
    expected = [inbox.count(field, end - TWO_DAYS, end) for end in ends]
    compared = {} if compare_to is None else {"compare_to": compare_to}
    async with asking(answering(inbox), clock=inbox.clock.now) as ask:
        found = await counted(ask, inbox, by_time=by_time, start="2d", **compared)

    # Only a conversation that leaves a view may make the answer incomplete.
    if found["coverage"]["complete"] or not inbox.has_closed:
        assert found["coverage"]["complete"] is True
        assert [each["conversations"] for each in (found, found.get("before")) if each] == expected


@pytest.mark.parametrize("size", [0, 30])
async def test_a_conversation_that_is_reopened_after_the_open_ones_were_read_is_counted(size: int) -> None:
    inbox = LiveInbox(size + 12, Clock(NOW), [[], [reopen(0.5), arrive]])
    expected = inbox.count("conversation_started", NOW - TWO_DAYS, NOW)
    async with asking(answering(inbox), clock=inbox.clock.now) as ask:
        found = await counted(ask, inbox, by_time="started", start="2d")

    assert (found["coverage"]["complete"], found["conversations"]) == (True, expected)


@pytest.mark.parametrize("by_time", BY_TIMES)
async def test_an_export_has_the_conversations_that_get_a_message_meanwhile(by_time: ByTime) -> None:
    inbox = LiveInbox(45, Clock(NOW), [[message(0.9), message(0.9, closed=True)]] * 3)
    inbox.largest_page = 10
    expected = inbox.count(TIME_FIELDS[by_time], NOW - TWO_DAYS, NOW)
    async with asking(answering(inbox), clock=inbox.clock.now) as ask:
        assert await exported(ask, by_time, "2d") == (True, expected)


@pytest.mark.parametrize("by_time", BY_TIMES)
@pytest.mark.parametrize("before_answer", range(6))
async def test_a_message_moves_a_conversation_to_a_newer_window_of_31_days(by_time: ByTime, before_answer: int) -> None:
    def inbox() -> LiveInbox:
        moves: list[list[Move]] = [*[[]] * before_answer, [message(1.0, closed=by_time == "closed")]]
        days = timedelta(days=1)
        return LiveInbox(69, Clock(NOW), moves, apart=days, longest=31 * days)

    counting, exporting = inbox(), inbox()
    expected = counting.count(TIME_FIELDS[by_time], NOW - timedelta(days=70), NOW)
    async with asking(answering(counting), clock=counting.clock.now) as ask:
        found = await counted(ask, counting, by_time=by_time, start="70d")
    async with asking(answering(exporting), clock=exporting.clock.now) as ask:
        whole = await exported(ask, by_time, "70d")

    assert found["conversations"] == expected
    # It may leave an older window after that was read.
    assert found["coverage"]["complete"] or (by_time == "started" and before_answer >= 4)
    assert whole == (True, expected)


async def test_a_message_after_its_window_of_31_days_was_read_takes_nothing_from_a_count_by_latest() -> None:
    inbox = LiveInbox(69, Clock(NOW), [[], [], [message(0)]], apart=timedelta(days=1), longest=timedelta(days=31))
    async with asking(answering(inbox), clock=inbox.clock.now) as ask:
        found = await counted(ask, inbox, start="70d", type="allOpen")

    assert (found["coverage"]["complete"], found["conversations"]) == (True, len(inbox.rows))


async def exported(ask: Asking, by_time: ByTime, start: str) -> tuple[bool, int]:
    """Return whether an export is complete, and how many conversations it has."""
    request = ask.account.request()
    scan = Scan(request, read_window(request, start, None), view="all", filters=Filters(by_time=by_time))
    ids = [each.conversation_id async for each in scan]
    assert len(ids) == len(set(ids))
    return scan.coverage.complete, len(ids)


async def test_oldest_first_a_new_conversation_does_not_make_up_for_one_that_left() -> None:
    inbox = LiveInbox(45, Clock(NOW), [[], [close(1.0), arrive]])
    inbox.largest_page = 10
    async with asking(answering(inbox), clock=inbox.clock.now) as ask:
        found = await ask("waiting", start="2d", end="today")

    assert found["coverage"]["complete"] is False
