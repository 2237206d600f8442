"""What a bad answer comes to for a model: one sentence, and a server that stays up."""

import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from mcp import Client
from mcp_types import CallToolResult, TextContent

import faults
from convirza_mcp import ConvirzaClient, Settings
from convirza_mcp.server.build import build_server
from faults import FaultServer
from faults.canaries import NAME, PHONE, TOKEN, canaries_in, everything_logged
from faults.cases import CASES, SECONDS_OF_A_CASE, both_eras, error_body
from faults.proofs import assert_only_gets, assert_token_only_in_authorization
from support.rows import row


@asynccontextmanager
async def tool_over(base_url: str, era: Any, **settings_changed: Any) -> AsyncIterator[Client]:
    """The official client, in memory, of a server whose Convirza is at that address."""
    settings = Settings(token=TOKEN, base_url=base_url, **settings_changed)
    server = build_server(settings, open_client=lambda: ConvirzaClient.from_settings(settings))
    async with Client(server, mode=era) as client:
        yield client


async def list_for_phone(client: Client) -> CallToolResult:
    result = await client.call_tool("list_sms_conversations", {"search": PHONE})
    assert isinstance(result, CallToolResult)
    return result


def sentence_of(result: CallToolResult) -> str:
    """The one sentence of a failed call."""
    assert result.is_error is True
    assert result.structured_content is None
    (block,) = result.content
    assert isinstance(block, TextContent)
    assert len(block.text) < 300
    assert "\n" not in block.text
    return block.text


def assert_good(result: CallToolResult) -> None:
    assert result.is_error is not True
    assert result.structured_content is not None
    assert [cells[0] for cells in result.structured_content["rows"]] == [987654, 987650]


# The client's own tests go through all of them.
@pytest.mark.parametrize(
    ("name", "era"),
    [
        ("400 without a word", "auto"),
        ("500", "legacy"),
        *(pytest.param(name, "auto", marks=pytest.mark.long) for name in CASES),
    ],
)
async def test_the_tool_answers_with_one_sentence(name: str, era: str, caplog: pytest.LogCaptureFixture) -> None:
    case = CASES[name]
    caplog.set_level("DEBUG")
    with FaultServer(*[case.fault()] * case.requests, faults.page()) as convirza:
        async with tool_over(convirza.base_url, era, timeout=case.timeout) as client:
            began = time.monotonic()
            failure = await list_for_phone(client)
            took = time.monotonic() - began
            following = await list_for_phone(client)

        assert len(convirza.requests) == case.requests + 1
        assert_only_gets(convirza)
        assert_token_only_in_authorization(convirza, TOKEN)
    assert sentence_of(failure).endswith(f" [{case.error.code}]")
    assert_good(following)
    assert took <= SECONDS_OF_A_CASE
    assert canaries_in(failure.model_dump_json()) == []
    assert canaries_in(everything_logged(caplog.records)) == []


@pytest.mark.parametrize("echo", [NAME, NAME.lower(), "Zyxwv+Qanary", "Zyxwv%20Qanary"])
async def test_a_400_that_repeats_what_was_searched_for_is_not_repeated_to_the_model(echo: str) -> None:
    with FaultServer(faults.status(400, error_body(f"bad query: search={echo}&limit=7"))) as convirza:
        async with tool_over(convirza.base_url, "auto") as client:
            failure = await client.call_tool("list_sms_conversations", {"search": NAME})

    assert canaries_in(failure.model_dump_json()) == []


@both_eras
@pytest.mark.parametrize("moment", ["0001-01-01T00:00:00Z", "0001-01-01T00:00:00+14:00", "9999-12-31T23:59:59-12:00"])
async def test_a_time_at_the_end_of_the_calendar_costs_no_page(moment: str, era: str) -> None:
    # Year 1 is what several languages write for "no time"; west of Greenwich it lies before the calendar's begin.
    rows = [row(987654, conversation_updated=moment, conversation_started=moment, closed_at=moment), row(987650)]
    with FaultServer(faults.page(rows)) as convirza:
        async with tool_over(convirza.base_url, era, zone=ZoneInfo("America/Denver")) as client:
            compact = await client.call_tool("list_sms_conversations", {})
            full = await client.call_tool("list_sms_conversations", {"detail": "full"})

    for result in (compact, full):
        assert isinstance(result, CallToolResult)
        assert_good(result)
