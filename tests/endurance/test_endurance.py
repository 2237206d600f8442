"""A soak, and a Convirza a tenth of whose answers fails."""

import sys
from collections import Counter
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from endurance.busy_server import BusyServer, Call, busy_server
from endurance.failing_convirza import AT_ONCE, FailingConvirza, first_id

pytestmark = [pytest.mark.long, pytest.mark.skipif(sys.platform != "linux", reason="reads /proc")]

FAILURES = ("status", "reset", "truncated")
BEGAN = datetime(2026, 3, 1, tzinfo=UTC)
VIEWS = 20


def of_every_tool(number: int) -> Call:
    """Mostly pages of the list; one call in a hundred reads a whole view, out of a few that are held for a minute."""
    if number % 100:
        return Call("list_sms_conversations", {"offset": number})
    view = number // 100 % VIEWS
    window = {"start": "2026-02-01", "end": (BEGAN + timedelta(hours=view)).isoformat()}
    match view % 5:
        case 0:
            return Call("summarize_sms_inbox", {"group_by": "agent", **window})
        case 1:
            return Call("list_waiting_sms_conversations", window)
        case 2:
            return Call("search_sms_messages", {"query": "call", **window})
        case 3:
            return Call("get_sms_conversation", {"conversation_id": 1, **window})
        case _:
            return Call("list_sms_changes", {"since": (BEGAN - timedelta(hours=view)).isoformat()})


def pages(numbers: range) -> Iterator[Call]:
    return (Call("list_sms_conversations", {"offset": number}) for number in numbers)


def outcomes(server: BusyServer, calls: Iterator[Call]) -> Counter[str]:
    """How many were answered well, and how many with an error; each with the answer to its own question."""
    counted: Counter[str] = Counter()
    for call, result in server.answers(calls):
        if result.get("isError"):
            counted["error"] += 1
            continue
        counted["ok"] += 1
        said: dict[str, Any] = result["structuredContent"]
        if call.tool == "list_sms_conversations":
            assert said["rows"][0][0] == first_id(call.arguments["offset"])
        else:
            assert said.get("coverage", {"complete": True})["complete"]
    return counted


def fill_the_pool(server: BusyServer, convirza: FailingConvirza, numbers: range) -> None:
    """So many calls at once that every connection is open which the server may have."""
    convirza.gather()
    assert outcomes(server, pages(numbers)) == {"ok": AT_ONCE}


def assert_accounted_for(log: list[dict[str, Any]], convirza: FailingConvirza, counted: Counter[str]) -> None:
    """A line a call, a request an attempt, and an error exactly where three answers in a row had failed."""
    errors = [line for line in log if line["outcome"] != "ok"]
    assert Counter(ok=len(log) - len(errors), error=len(errors)) == counted
    assert sum(line["attempts"] for line in log) == convirza.requests
    assert set(convirza.methods) == {"GET"}
    # The lines say which one had no three failures to it.
    assert counted["error"] == convirza.given_up, errors


@pytest.mark.parametrize(("era", "calls"), [("auto", 100_000), ("legacy", 20_000)])
def test_after_many_calls_the_server_holds_no_more_than_before(
    tmp_path: Path, era: str, calls: int, record_property: Callable[[str, object], None]
) -> None:
    warm_up = calls // 10
    ends = range(10**8, 10**8 + 2 * AT_ONCE)
    with (
        FailingConvirza(0.05, (*FAILURES, "slow")) as convirza,
        busy_server(tmp_path, era=era, base_url=convirza.base_url) as server,
    ):
        counted = outcomes(server, map(of_every_tool, range(1, warm_up + 1)))
        fill_the_pool(server, convirza, ends[:AT_ONCE])
        before = server.look()
        counted += outcomes(server, map(of_every_tool, range(warm_up + 1, calls + 1)))
        fill_the_pool(server, convirza, ends[AT_ONCE:])
        after = server.look()
        log = server.end()

    record_property("before", str(before))
    record_property("after", str(after))
    record_property("answers", str(dict(convirza.answered)))
    assert (after.files, after.threads, after.tasks) == (before.files, before.threads, before.tasks)
    assert after.kibibytes < 1.1 * before.kibibytes
    assert after.objects < 1.1 * before.objects
    assert sum(counted.values()) == calls
    assert_accounted_for(log, convirza, counted + Counter(ok=2 * AT_ONCE))
    assert convirza.answered.keys() == {"good", *FAILURES, "slow"}


@pytest.mark.parametrize(("era", "calls"), [(era, 2_000) for era in ("auto", "legacy")])
def test_where_a_tenth_of_all_answers_fails_calls_still_succeed(
    tmp_path: Path, era: str, calls: int, record_property: Callable[[str, object], None]
) -> None:
    with (
        FailingConvirza(0.1, FAILURES) as convirza,
        busy_server(tmp_path, era=era, base_url=convirza.base_url) as server,
    ):
        counted = outcomes(server, pages(range(1, calls + 1)))
        log = server.end()

    record_property("calls", str(dict(counted)))
    record_property("answers", str(dict(convirza.answered)))
    assert sum(counted.values()) == calls
    assert counted["ok"] >= 0.995 * calls
    assert_accounted_for(log, convirza, counted)
    failed = sum(convirza.answered[kind] for kind in FAILURES)
    assert 0.07 < failed / convirza.requests < 0.13
