"""Every whole-inbox answer over 50,000 conversations, against the sandbox's own rows."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from convirza_mcp import ConvirzaClient, Settings
from convirza_mcp.accounts.account import open_account
from convirza_mcp.sandbox import Sandbox
from convirza_mcp.server.build import call_tool
from convirza_mcp.tools import all_tools

pytestmark = pytest.mark.long

NOW = datetime(2026, 3, 6, 16, 12, tzinfo=UTC)
EVERYTHING = {"start": "2024-01-01"}


@pytest.fixture(scope="module")
def sandbox() -> Iterator[Sandbox]:
    with Sandbox(conversations=50_000, now=NOW) as sandbox:
        yield sandbox


async def ask(sandbox: Sandbox, name: str, arguments: dict[str, Any]) -> dict[str, Any]:
    settings = Settings(token=sandbox.token, base_url=sandbox.base_url)
    (tool,) = (each for each in all_tools() if each.name == name)
    async with open_account(ConvirzaClient.from_settings(settings), settings, clock=lambda: NOW) as account:
        result = await call_tool(tool, arguments, account.request())
    assert not result.is_error, result.content
    assert result.structured_content is not None
    assert result.structured_content["coverage"]["complete"] is True
    return result.structured_content


def rows_of(sandbox: Sandbox, view: Any) -> list[dict[str, Any]]:
    return sandbox.ask(type=view, limit=None, start=NOW - timedelta(days=3_650), end=NOW).rows


async def test_who_waits(sandbox: Sandbox) -> None:
    found = await ask(sandbox, "list_waiting_sms_conversations", EVERYTHING | {"limit": 100})

    open_ones = rows_of(sandbox, "allOpen")
    waiting = [each for each in open_ones if each["unread_count"] or each["conversation_status"] == "unread"]
    waiting.sort(key=lambda each: (each["conversation_updated"], each["conversation_id"]))
    assert found["waiting"] == len(waiting)
    assert [each[0] for each in found["rows"]] == [each["conversation_id"] for each in waiting[: len(found["rows"])]]
    assert found["coverage"]["requests"] == -(-len(open_ones) // 200)


async def test_who_said_it(sandbox: Sandbox) -> None:
    found = await ask(sandbox, "search_sms_messages", EVERYTHING | {"query": "technician"})

    both = rows_of(sandbox, "allOpen") + rows_of(sandbox, "close")
    assert found["matches"] == sum("technician" in (each["message"] or "").lower() for each in both)


async def test_what_changed(sandbox: Sandbox) -> None:
    found = await ask(sandbox, "list_sms_changes", {"since": "2026-02-20T00:00:00Z", "limit": 200})

    both = rows_of(sandbox, "allOpen") + rows_of(sandbox, "close")
    assert found["changes"] == sum(each["conversation_updated"] > "2026-02-20T00:00:00.000Z" for each in both)


async def test_how_it_stands(sandbox: Sandbox) -> None:
    found = await ask(sandbox, "summarize_sms_inbox", EVERYTHING)

    assert found["conversations"] == 50_000
    assert found["closed"] == len(sandbox.ids("close"))
    assert found["unread_messages"] == sum(each["unread_count"] for each in sandbox.conversations)
    assert found["coverage"]["requests"] <= 252
