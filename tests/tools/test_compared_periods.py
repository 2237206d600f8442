"""Two periods beside each other, equal to two plain counts of the sandbox's rows."""

from collections.abc import AsyncIterator, Iterable
from datetime import timedelta
from typing import Any

import pytest

from convirza_mcp.rules.by_time import ByTime
from convirza_mcp.sandbox import Sandbox
from support.calls import NOW, Asking, asking
from support.plain_counts import BY_TIMES, HOURS, Row, plain_rows, seconds

SANDBOX = {"conversations": 201, "now": NOW}


@pytest.fixture
async def ask(sandbox: Sandbox) -> AsyncIterator[Asking]:
    async with asking(sandbox, HOURS) as ask:
        yield ask


@pytest.mark.parametrize("by_time", BY_TIMES)
async def test_an_api_that_refuses_windows_changes_no_answer(by_time: ByTime) -> None:
    answers = []
    for variants in ((), ("max-31-days",), ("past-end",), ("max-31-days", "past-end")):
        with Sandbox(conversations=300, variants=variants, now=NOW) as sandbox:
            async with asking(sandbox, HOURS) as ask:
                found = await ask("summarize", start="100d", compare_to="previous", by_time=by_time, group_by="agent")
                del found["coverage"]["requests"]
                answers.append(found)

    assert answers == answers[:1] * 4


def median(rows: Iterable[Row]) -> int | None:
    ordered = sorted(each for each in map(seconds, rows) if each is not None)
    return ordered[(len(ordered) + 1) // 2 - 1] if ordered else None


@pytest.mark.parametrize("by_time", BY_TIMES)
@pytest.mark.parametrize(("compare_to", "days"), [("previous", 20), ("week_before", 7), ("month_before", 20)])
@pytest.mark.parametrize("size", [0, 201, pytest.param(2_000, marks=pytest.mark.long)])
async def test_a_comparison_is_two_summaries(size: int, compare_to: str, days: int, by_time: ByTime) -> None:
    start = NOW - timedelta(days=days)
    before = (start - timedelta(days=days, seconds=1), start - timedelta(seconds=1))
    if compare_to == "week_before":
        before = (start - timedelta(days=7), start - timedelta(seconds=1))
    if compare_to == "month_before":
        # 14 February is 31 days after 14 January, and 6 March 28 days after 6 February.
        before = (start - timedelta(days=31), NOW - timedelta(days=28))
    with Sandbox(conversations=size, now=NOW) as sandbox:
        rows, _ = plain_rows(sandbox, by_time, start, NOW)
        past, _ = plain_rows(sandbox, by_time, *before)
        async with asking(sandbox, HOURS) as ask:
            given = {"start": f"{days}d", "by_time": by_time, "compare_to": compare_to, "group_by": "agent"}
            found = await ask("summarize", **given)
            asked = len(sandbox.requests)
            again = await ask("summarize", **given)
            assert len(sandbox.requests) == asked
    assert again == found
    assert found["conversations"] == len(rows)
    assert found["before"]["conversations"] == len(past)
    assert found["before"]["first_response"]["count"] == len([row for row in past if seconds(row) is not None])
    places = {name: place for place, name in enumerate(found["columns"])}
    for row in found["rows"]:
        agent = None if row[0] == "no agent" else row[0]
        own, was = ([each for each in period if each["agent"] == agent] for period in (rows, past))
        answered, was_answered = (len([each for each in period if seconds(each) is not None]) for period in (own, was))
        assert [row[places[name]] for name in ("conversations", "conversations_before")] == [len(own), len(was)]
        assert [row[places[name]] for name in ("answered", "answered_before")] == [answered, was_answered]
        now, then = median(own), median(was)
        if min(answered, was_answered) < 5 or now is None or then is None:
            assert row[-1] == "few"
        else:
            change = "same" if abs(now - then) <= 0.05 * then else "faster" if now < then else "slower"
            assert row[-1] == change
    agents = {row["agent"] or "no agent" for row in rows + past}
    assert {row[0] for row in found["rows"]} == agents


WINDOWS: tuple[dict[str, Any], ...] = tuple(
    window | {"by_time": by_time} | ({} if compare_to is None else {"compare_to": compare_to})
    for window in ({"start": "this-week"}, {"start": "3d"}, {"end": "last-week"}, {"start": "last-week", "end": "3d"})
    for by_time in BY_TIMES
    for compare_to in (None, "previous", "week_before")
    # A longer window overlaps the week before.
    if compare_to != "week_before" or "end" not in window
)


async def test_an_answer_does_not_depend_on_earlier_questions(sandbox: Sandbox) -> None:
    async def answers(*windows: dict[str, Any]) -> list[dict[str, Any]]:
        async with asking(sandbox, HOURS) as ask:
            return [await ask("summarize", type="close", **given) for given in windows]

    alone = [answer for given in WINDOWS for answer in await answers(given)]
    forward = await answers(*WINDOWS)
    backward = (await answers(*reversed(WINDOWS)))[::-1]

    figures = ("window", "conversations", "compared_to", "before")
    told = [[{name: each.get(name) for name in figures} for each in answers] for answers in (alone, forward, backward)]
    assert told[1:] == [told[0], told[0]]


@pytest.mark.parametrize("by_time", ["latest", "started"])
async def test_an_agent_is_found_by_the_names_of_both_periods(ask: Asking, by_time: ByTime) -> None:
    wide = await ask("summarize", start="20d", compare_to="previous", by_time=by_time, group_by="agent")
    places = {name: place for place, name in enumerate(wide["columns"])}
    for row in wide["rows"]:
        if row[0] == "no agent":
            continue
        name = row[0].split()[0]
        own = await ask("summarize", start="20d", compare_to="previous", by_time=by_time, agent=name)
        counted = [row[places[each]] for each in ("conversations", "conversations_before")]
        assert [own["conversations"], own["before"]["conversations"]] == counted
    unknown = await ask("summarize", start="20d", compare_to="previous", by_time=by_time, agent="zzz")
    assert unknown["before"]["conversations"] == unknown["conversations"] == 0


async def test_a_period_that_begins_in_the_future_is_not_compared(sandbox: Sandbox, ask: Asking) -> None:
    before = len(sandbox.requests)
    given = {"start": "2026-03-20", "end": "2026-03-25", "compare_to": "week_before"}

    assert "`start`" in await ask.refusal("summarize", **given)
    assert len(sandbox.requests) == before


async def test_a_conversation_active_in_both_periods_counts_in_the_later_one(ask: Asking) -> None:
    found = await ask("summarize", start="20d", compare_to="previous")
    started = await ask("summarize", start="20d", compare_to="previous", by_time="started")

    assert "counts in the later one" in found["note"]
    assert "counts in the later one" not in started.get("note", "")
