import json
from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import httpx2
import pytest

from convirza_mcp.clock.business_hours import BusinessHours
from convirza_mcp.sandbox import Sandbox
from convirza_mcp.text.tokens import estimate_tokens
from convirza_mcp.tools.list_waiting_sms_conversations import TOOL
from support.calls import NOW, SETTINGS, asking, calls_of, paged, text_of
from support.rows import answering, envelope, row
from support.snapshots import Snapshot, assert_is_snapshot

call, answer = calls_of(TOOL)


WINDOW_START = NOW - timedelta(days=30)


def at(number: int) -> str:
    """A moment for a row, the later the larger the number."""
    return (WINDOW_START + timedelta(minutes=number)).strftime("%Y-%m-%dT%H:%M:%S.000Z")


ROWS = [
    row(
        987600,
        conversation_updated="2026-02-20T16:00:00.000Z",
        source_name=None,
        agent=None,
        first_response_time=None,
        message="Hello?\nAnybody there? " + "x" * 100,
    ),
    row(987649, conversation_updated="2026-03-04T15:00:00.000Z", unread_count=1, message=" Stop! "),
    row(987650, conversation_updated="2026-03-05T01:00:00.000Z", conversation_status="read", unread_count=0),
    row(987651, conversation_updated="2026-03-06T15:00:00.000Z", conversation_status="Unread", unread_count=None),
    row(987652, conversation_updated=None, agent=None),
]


async def test_the_list_reads_as_agreed() -> None:
    office = replace(SETTINGS, business_hours=BusinessHours.parse("mon-fri 08:00-18:00, sat 09:00-13:00"))
    texts = [
        text_of(await call({}, answering(envelope(ROWS)))),
        text_of(await call({"limit": 2, "min_wait_minutes": 60}, answering(envelope(ROWS)), office)),
    ]

    assert_is_snapshot("\n\n".join(texts) + "\n", "waiting.txt")


@pytest.mark.parametrize("given", [{}, {"agent": "Nobody Known"}, {"min_wait_minutes": 99_999_999}], ids=str)
async def test_an_incomplete_reading_is_no_all_clear(given: dict[str, Any], snapshot: Snapshot) -> None:
    rows = ROWS if "min_wait_minutes" in given else [row(unread_count=0, conversation_status="read")]

    found = json.loads(text_of(await call(given, answering(envelope(rows, 400)))))

    assert not found["coverage"]["complete"]
    snapshot(found["note"])


async def test_an_empty_list_reads_as_agreed() -> None:
    asked: list[tuple[dict[str, Any], list[dict[str, Any]]]] = [
        ({}, []),
        ({"start": "400d", "type": "unassigned"}, []),
        ({"agent": "Nobody Known"}, ROWS),
        ({"min_wait_minutes": 99_999_999}, ROWS),
        ({"type": "close"}, ROWS),
    ]

    texts = [text_of(await call(given, answering(envelope(rows)))) for given, rows in asked]

    assert_is_snapshot("\n\n".join(texts) + "\n", "waiting_empty.txt")


@pytest.fixture(scope="module", params=[0, 1, 201, pytest.param(2_000, marks=pytest.mark.long)])
def sandbox(request: pytest.FixtureRequest) -> Iterator[Sandbox]:
    with Sandbox(conversations=request.param, now=NOW) as sandbox:
        yield sandbox


def who_waits(sandbox: Sandbox, view: str = "allOpen") -> list[dict[str, Any]]:
    """Straight from the sandbox's own rows, oldest message first."""
    rows = sandbox.ask(type=view, start=WINDOW_START, end=NOW).rows
    unread = [each for each in rows if each["unread_count"] or each["conversation_status"] == "unread"]
    return sorted(unread, key=lambda each: (each["conversation_updated"], each["conversation_id"]))


@pytest.mark.parametrize("view", ["allOpen", "unassigned"])
async def test_all_waiting_conversations_are_counted_and_ranked(sandbox: Sandbox, view: str) -> None:
    truth = who_waits(sandbox, view)
    all_of_it = sandbox.ask(type=view, start=WINDOW_START, end=NOW).rows

    found = await answer({"type": view, "limit": 100}, sandbox)

    assert found["waiting"] == len(truth)
    assert [each[0] for each in found["rows"]] == [each["conversation_id"] for each in truth[:100]]
    assert found["read_but_incoming"] == sum(
        each["sms_type"] == "incoming" and each["conversation_status"] == "read" for each in all_of_it
    )
    assert found["coverage"]["complete"] is True
    assert found["coverage"]["read"] == found["coverage"]["total"] == len(all_of_it)
    assert dict(sandbox.requests[-1].query)["order"] == "asc"


async def test_a_least_wait_an_agent_and_a_line_narrow_the_list(sandbox: Sandbox) -> None:
    truth = who_waits(sandbox)
    before = (NOW - timedelta(minutes=1_000)).isoformat()
    long_enough = [each for each in truth if datetime.fromisoformat(each["conversation_updated"]).isoformat() <= before]
    agents = sorted({each["agent"] for each in truth if each["agent"]})[:2]
    lines = sorted({each["phone_number"] for each in truth})[:2]

    found = await answer({"min_wait_minutes": 1_000, "limit": 100}, sandbox)
    nobodys = await answer({"agent": "none", "limit": 100}, sandbox)
    theirs = [await answer({"agent": each.upper(), "limit": 100}, sandbox) for each in agents]
    of_lines = [await answer({"phone_number": each}, sandbox) for each in lines]

    assert found["waiting_long_enough"] == len(long_enough)
    assert [each[0] for each in found["rows"]] == [each["conversation_id"] for each in long_enough[:100]]
    assert nobodys["waiting"] == sum(each["agent"] is None for each in truth)
    assert [each["waiting"] for each in theirs] == [sum(row["agent"] == each for row in truth) for each in agents]
    assert [each["waiting"] for each in of_lines] == [
        sum(row["phone_number"] == each for row in truth) for each in lines
    ]


async def test_what_the_limit_leaves_out_is_counted_and_the_next_call_brings_it(snapshot: Snapshot) -> None:
    waiting = [row(each, conversation_updated=at(each)) for each in range(30)]

    first = await answer({}, paged(waiting))
    second = await answer({"after": first["left_out"].split("after=")[1].split(" ")[0]}, paged(waiting))

    snapshot(first["left_out"])
    assert [each[0] for each in first["rows"]] == list(range(20))
    assert [each[0] for each in second["rows"]] == list(range(20, 30))
    assert (second["waiting"], "left_out" in second) == (30, False)


async def test_what_passes_the_budget_is_left_out(snapshot: Snapshot) -> None:
    waiting = [row(each, conversation_updated=at(each), message="你好 there 🎉 " * 60) for each in range(60)]

    result = await call({"limit": 60}, paged(waiting), replace(SETTINGS, max_result_tokens=2_000))

    found = json.loads(text_of(result))
    assert estimate_tokens(text_of(result)) <= 2_000
    assert 0 < len(found["rows"]) < 60
    snapshot(found["left_out"])
    last = len(found["rows"]) - 1
    assert f"after={at(last).removesuffix('.000Z')}Z~{last} " in found["left_out"]


async def test_a_gap_is_said_with_what_it_may_hide(snapshot: Snapshot) -> None:
    rows = [row(each, conversation_updated=at(each), pin=False) for each in range(5)]

    oldest_first = await answer({}, answering(envelope(rows, 9)))
    newest_first = await answer({}, answering(envelope(rows[::-1], 9)))

    assert oldest_first["coverage"]["complete"] is newest_first["coverage"]["complete"] is False
    snapshot(oldest_first["note"])
    snapshot(newest_first["note"])


async def test_no_closed_conversation_waits_and_none_is_read() -> None:
    def api(_: httpx2.Request) -> httpx2.Response:
        raise AssertionError("a request left")

    found = await answer({"type": "close"}, answering(api))

    assert (found["waiting"], found["rows"], found["coverage"]["requests"]) == (0, [], 0)
    assert "type=allOpen" in found["note"]


async def test_a_second_question_makes_no_request() -> None:
    with Sandbox(now=NOW) as sandbox:
        async with asking(sandbox) as ask:
            first = await ask("waiting", agent="none")
            before = len(sandbox.requests)
            second = await ask("waiting", agent="none")
            await ask("waiting", min_wait_minutes=60)

    assert len(sandbox.requests) == before > 0
    assert first == second
