"""Nothing is hidden by a window or a limit: what is older is counted, and pages go on where the last one ended."""

import json
import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx2
import pytest

from convirza_mcp import ConvirzaClient, Settings
from convirza_mcp.accounts.account import Account, open_account
from convirza_mcp.sandbox import Sandbox
from convirza_mcp.server.build import call_tool
from convirza_mcp.tools import tool_named
from support.rows import answering, envelope

NOW = datetime(2026, 3, 6, 16, 12, tzinfo=UTC)
WAITING, SEARCH = "list_waiting_sms_conversations", "search_sms_messages"


SANDBOX = {"now": NOW}


@asynccontextmanager
async def account_of(sandbox: Sandbox, **settings: Any) -> AsyncIterator[Account]:
    configured = Settings(token=sandbox.token, base_url=sandbox.base_url, **settings)
    client = ConvirzaClient.from_settings(configured)
    async with open_account(client, configured, clock=lambda: NOW, read_key=lambda: b"k" * 32) as account:
        yield account


async def ask(account: Account, tool: str, **given: Any) -> dict[str, Any]:
    result = await call_tool(tool_named(tool), given, account.request())
    text = result.content[0].text  # type: ignore[union-attr]
    assert not result.is_error, text
    return json.loads(text)


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
        async with account_of(sandbox, privacy=privacy) as account:
            found = await ask(account, WAITING, type=view, limit=1)
            requests = len(sandbox.requests)
            again = await ask(account, WAITING, type=view, limit=1)
            kept = len(sandbox.requests) == requests
            older = await ask(account, WAITING, type=view, **arguments_in(found["note"]))
    everything = sandbox.ask(type=view, start=NOW - timedelta(days=9_000), end=NOW).total
    window = sandbox.ask(type=view, start=NOW - timedelta(days=30), end=NOW).total

    assert found["older_open"] == everything - window > 0
    assert re.search(rf"{found['older_open']} open conversations? (is|are) older than this window, ", found["note"])
    assert (again, kept) == (found, True)
    assert older["coverage"]["read"] == found["older_open"]
    assert "older_open" not in older


async def test_a_window_that_was_asked_for_hides_nothing_unasked(sandbox: Sandbox) -> None:
    async with account_of(sandbox) as account:
        for given in ({"start": "30d"}, {"type": "close"}):
            found = await ask(account, WAITING, **given)
            assert "older_open" not in found
            assert "older" not in found.get("note", "")


async def test_where_long_windows_are_refused_a_note_says_so() -> None:
    with Sandbox(now=NOW, variants=["max-31-days"]) as sandbox:
        async with account_of(sandbox) as account:
            found = await ask(account, WAITING)
            requests = len(sandbox.requests)
            await ask(account, WAITING)

    assert "older_open" not in found
    assert "older open conversations" in found["note"]
    assert len(sandbox.requests) == requests


@pytest.mark.parametrize("answer", [{"status_code": 500}, {"json": envelope([]) | {"data": {"conversation": []}}}])
async def test_a_failure_of_the_count_costs_no_answer(answer: dict[str, Any]) -> None:
    asked = 0

    def api(request: httpx2.Request) -> httpx2.Response:
        nonlocal asked
        asked += 1
        is_count = request.url.params["start"].startswith("2000")
        return httpx2.Response(**({"status_code": 200} | (answer if is_count else {"json": envelope([])})))

    settings = Settings(token="token", timeout=0.5)
    client = ConvirzaClient.from_settings(settings, transport=answering(api))
    async with open_account(client, settings, clock=lambda: NOW) as account:
        found = await ask(account, WAITING)
        requests = asked
        assert await ask(account, WAITING) == found

    # A failure does not hold up the next question.
    assert asked == requests
    assert "older_open" not in found
    assert "Older open conversations" in found["note"]


@pytest.mark.parametrize(("tool", "given"), [(WAITING, {"min_wait_minutes": 90}), (SEARCH, {"query": "you"})])
async def test_pages_of_any_size_hold_every_row_once(sandbox: Sandbox, tool: str, given: dict[str, Any]) -> None:
    async with account_of(sandbox, max_calls_per_minute=0) as account:
        whole = await ask(account, tool, **given, limit=100)
        requests = len(sandbox.requests)
        for limit in (3, 17, 100):
            rows, page = [], await ask(account, tool, **given, limit=limit)
            while True:
                rows += page["rows"]
                if "left_out" not in page:
                    break
                page = await ask(account, tool, **given, limit=limit, **arguments_in(page["left_out"]))
            assert [each[0] for each in rows] == [each[0] for each in whole["rows"]]
            count = "matches" if tool == SEARCH else "waiting_long_enough"
            assert page[count] == whole[count] == len(rows)

    assert len(sandbox.requests) == requests


@pytest.mark.parametrize(("tool", "given"), [(WAITING, {}), (SEARCH, {"query": "you"})])
async def test_a_wrong_place_is_one_sentence_and_no_request(sandbox: Sandbox, tool: str, given: dict[str, Any]) -> None:
    before = len(sandbox.requests)
    async with account_of(sandbox) as account:
        result = await call_tool(tool_named(tool), given | {"after": "20"}, account.request())

    text = result.content[0].text  # type: ignore[union-attr]
    assert (result.is_error, text.startswith("`after` takes "), len(sandbox.requests)) == (True, True, before)
