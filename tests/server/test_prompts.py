"""The prompts that the package ships, whole, through the official client in both protocol eras."""

from datetime import UTC, datetime
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from mcp import Client
from mcp.shared.exceptions import MCPError
from mcp_types import INVALID_PARAMS, TextContent

from convirza_mcp import Settings
from convirza_mcp.clock.business_hours import BusinessHours
from convirza_mcp.server.build import build_server
from convirza_mcp.server.prompts import PROMPTS as SHIPPED
from support.snapshots import Snapshot, assert_is_snapshot

DENVER = ZoneInfo("America/Denver")
MONDAY = datetime(2026, 3, 9, 7, 40, tzinfo=DENVER)
OFFICE = BusinessHours.parse("Mon-Fri 08:00-18:00")
SETTINGS = Settings(zone=DENVER, business_hours=OFFICE)
NEEDED = {"find_conversation": {"about": "a refund"}}
GIVEN = {
    "about": 'the "8 o\'clock" slot',
    "agent": "Ann Lee",
    "end": "2026-03-05",
    "line": "18015557654",
    "since": "16h",
    "start": "14d",
    "view": "unassigned",
    "week": "this-week",
}
PROMPTS = {prompt.name: {each.name: GIVEN[each.name] for each in prompt.arguments} for prompt in SHIPPED.values()}


def client_of(era: Any, settings: Settings = SETTINGS, now: datetime = MONDAY) -> Client:
    return Client(build_server(settings, now=lambda: now.astimezone(UTC)), mode=era)


async def asked(client: Client, name: str, given: dict[str, str]) -> str:
    (message,) = (await client.get_prompt(name, given)).messages
    assert isinstance(message.content, TextContent)
    return message.content.text


@pytest.mark.parametrize("name", PROMPTS)
async def test_a_prompt_reads_as_written(era: Any, name: str) -> None:
    async with client_of(era) as client:
        plain, full = [await asked(client, name, given) for given in (NEEDED.get(name, {}), PROMPTS[name])]

    assert_is_snapshot(f"{plain}\n\n==========\n\n{full}\n", f"prompt_{name}.txt")


@pytest.mark.parametrize(
    ("hours", "now", "since"),
    [
        (OFFICE, MONDAY, "2026-03-06T18:00"),
        (OFFICE, MONDAY.replace(day=10), "2026-03-09T18:00"),
        (None, MONDAY, "2026-03-06T17:30"),
        (None, MONDAY.replace(day=10), "yesterday 17:30"),
        # In Greenwich it is Tuesday already.
        (None, MONDAY.replace(hour=20), "2026-03-06T17:30"),
    ],
)
async def test_the_digest_begins_at_the_last_close(
    era: Any, hours: BusinessHours | None, now: datetime, since: str
) -> None:
    settings = Settings(zone=DENVER) if hours is None else Settings(zone=DENVER, business_hours=hours)
    async with client_of(era, settings, now) as client:
        text = await asked(client, "morning_digest", {})

    assert f'1. Call list_waiting_sms_conversations with start="{since}", limit=20: ' in text


@pytest.mark.parametrize(
    ("name", "given"),
    [
        ("morning_digest", {"since": "last monday"}),
        ("triage_inbox", {"since": "soon"}),
        ("find_conversation", {"about": "x", "start": "3/5"}),
        ("unassigned_sweep", {"start": "ever"}),
        ("response_time_review", {"end": "later"}),
        ("response_time_review", {"end": "60d"}),
    ],
)
async def test_a_time_that_no_tool_takes_is_refused(
    era: Any, name: str, given: dict[str, str], snapshot: Snapshot
) -> None:
    async with client_of(era) as client:
        with pytest.raises(MCPError) as caught:
            await asked(client, name, given)

    assert caught.value.error.code == INVALID_PARAMS
    snapshot(caught.value.error.message)
