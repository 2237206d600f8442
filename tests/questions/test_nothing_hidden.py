"""Nothing is hidden by a window or a limit: what is older is counted, and pages go on where the last one ended."""

import re
from datetime import timedelta
from typing import Any

import httpx2
import pytest

from convirza_mcp.sandbox import Sandbox
from support.calls import NOW, asking
from support.convirza import Convirza
from support.rows import answering

SANDBOX = {"now": NOW}


def arguments_in(sentence: str) -> dict[str, str]:
    """The arguments of the call that a sentence names."""
    named = sentence.split("next call: ")[1].split(" with ")[1].removesuffix(".")
    return dict(each.split("=") for each in named.split() if "=" in each)


@pytest.mark.parametrize("privacy", ["off", "strict"])
@pytest.mark.parametrize("variants", [(), ("range-on-started",)])
@pytest.mark.parametrize("view", ["allOpen", "assignedToYou", "unassigned"])
async def test_older_open_conversations_are_counted_and_the_named_call_reads_them(
    view: Any, variants: tuple[str, ...], privacy: str
) -> None:
    with Sandbox(now=NOW, variants=variants) as sandbox:
        async with asking(sandbox, privacy=privacy) as ask:
            found = await ask("waiting", type=view, limit=1)
            requests = len(sandbox.requests)
            again = await ask("waiting", type=view, limit=1)
            kept = len(sandbox.requests) == requests
            older = await ask("waiting", **arguments_in(found["note"]))
    everything = sandbox.ask(type=view, start=NOW - timedelta(days=9_000), end=NOW).total
    window = sandbox.ask(type=view, start=NOW - timedelta(days=30), end=NOW).total

    assert found["older_open"] == everything - window > 0
    assert re.search(rf"{found['older_open']} open conversations? (is|are) older than this window, ", found["note"])
    assert (again, kept) == (found, True)
    assert (older["type"], older["coverage"]["read"]) == (view, found["older_open"])
    assert "older_open" not in older


async def test_a_window_that_was_asked_for_hides_nothing_unasked(sandbox: Sandbox) -> None:
    async with asking(sandbox) as ask:
        for given in ({"start": "30d"}, {"type": "close"}):
            found = await ask("waiting", **given)
            assert "older_open" not in found
            assert "older" not in found.get("note", "")


async def test_where_long_windows_are_refused_a_note_says_so() -> None:
    with Sandbox(now=NOW, variants=["max-31-days"]) as sandbox:
        async with asking(sandbox) as ask:
            found = await ask("waiting")
            requests = len(sandbox.requests)
            await ask("waiting")

    assert "older_open" not in found
    assert "older open conversations" in found["note"]
    assert len(sandbox.requests) == requests


@pytest.mark.parametrize("answer", [{"status_code": 500}, {"status_code": 200, "json": {"data": {"conversation": []}}}])
@pytest.mark.virtual_time
async def test_a_failure_of_the_count_costs_no_answer(answer: dict[str, Any]) -> None:
    convirza = Convirza()
    convirza.before_answer = lambda asked: httpx2.Response(**answer) if asked["start"].startswith("2000") else None
    async with asking(answering(convirza)) as ask:
        found = await ask("waiting")
        requests = convirza.requests
        assert await ask("waiting") == found

    # A failure does not hold up the next question.
    assert convirza.requests == requests
    assert "older_open" not in found
    assert "Older open conversations" in found["note"]


@pytest.mark.parametrize(("tool", "given"), [("waiting", {"min_wait_minutes": 90}), ("search", {"query": "you"})])
async def test_pages_of_any_size_hold_every_row_once(sandbox: Sandbox, tool: str, given: dict[str, Any]) -> None:
    async with asking(sandbox, max_calls_per_minute=0) as ask:
        whole = await ask(tool, **given, limit=100)
        requests = len(sandbox.requests)
        for limit in (3, 17, 100):
            rows, page = [], await ask(tool, **given, limit=limit)
            while True:
                rows += page["rows"]
                if "left_out" not in page:
                    break
                page = await ask(tool, **given, limit=limit, **arguments_in(page["left_out"]))
            assert [each[0] for each in rows] == [each[0] for each in whole["rows"]]
            count = "matches" if tool == "search" else "waiting_long_enough"
            assert page[count] == whole[count] == len(rows)

    assert len(sandbox.requests) == requests


@pytest.mark.parametrize(("tool", "given"), [("waiting", {}), ("search", {"query": "you"})])
async def test_a_wrong_place_is_one_sentence_and_no_request(sandbox: Sandbox, tool: str, given: dict[str, Any]) -> None:
    before = len(sandbox.requests)
    async with asking(sandbox) as ask:
        refused = await ask.refusal(tool, **given, after="20")

    assert (refused.startswith("`after` takes "), len(sandbox.requests)) == (True, before)
