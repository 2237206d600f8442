"""Names and campaigns of lines in questions and answers."""

import json
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from typing import Any

import pytest

from convirza_mcp import ConvirzaClient
from convirza_mcp.accounts.account import open_account
from convirza_mcp.business_lines import parse_lines
from convirza_mcp.sandbox import Sandbox
from convirza_mcp.server.build import call_tool
from convirza_mcp.settings import Settings
from convirza_mcp.tools import tool_named
from support.calls import NOW, SETTINGS, reaching, text_of

FILE = """\
phone_number,name,campaign
+1 (801) 555-0101,Main office,
18015550102,"Billing, Provo",Spring flyer
13855550103,Sales Boise,Radio
17025550104,Sales Provo,SPRING  flyer
"""
NAMED = replace(SETTINGS, lines=parse_lines(FILE))
CAMPAIGNS = {"18015550102": "Spring flyer", "17025550104": "Spring flyer", "13855550103": "Radio"}
LABELS = {
    "18015550101": "18015550101 Main office",
    "18015550102": "18015550102 Billing, Provo",
    "13855550103": "13855550103 Sales Boise",
    "17025550104": "17025550104 Sales Provo",
}


@asynccontextmanager
async def asking(sandbox: Sandbox, settings: Settings = NAMED) -> AsyncIterator[Any]:
    settings = reaching(sandbox, settings)
    async with open_account(ConvirzaClient.from_settings(settings), settings, clock=lambda: NOW) as account:

        async def ask(tool: str, /, **given: Any) -> dict[str, Any]:
            result = await call_tool(tool_named(tool), given, account.request())
            assert (result.structured_content is None) == (settings.output == "text")
            found: dict[str, Any] = json.loads(text_of(result))
            return found

        yield ask


@pytest.mark.parametrize("privacy", ["off", "mask", "strict"])
@pytest.mark.parametrize("output", ["both", "text"])
async def test_campaigns_and_names_equal_a_plain_count(privacy: Any, output: Any) -> None:
    with Sandbox(conversations=201, now=NOW) as sandbox:
        rows = sandbox.ask(type="allOpen", limit=None, start=NOW.replace(year=2025), end=NOW).rows
        campaigns = Counter(CAMPAIGNS.get(row["phone_number"], "no campaign") for row in rows)
        lines = Counter(LABELS.get(row["phone_number"], row["phone_number"] or "no line") for row in rows)
        async with asking(sandbox, replace(NAMED, privacy=privacy, output=output)) as ask:
            window = {"type": "allOpen", "start": "2025-03-06T16:12:00Z"}
            by_campaign = await ask("summarize_sms_inbox", group_by="campaign", **window)
            by_line = await ask("summarize_sms_inbox", group_by="phone_number", **window)
            both = await ask("summarize_sms_inbox", group_by="campaign", then_by="phone_number", **window)
            listed = {
                label: await ask("search_sms_messages", only=f'campaign="{label}"', limit=100, **window)
                for label in campaigns
            }

    assert {label: count for label, count, *_ in by_campaign["rows"]} == campaigns
    assert {label: count for label, count, *_ in by_line["rows"]} == lines
    assert {(row[1], row[2]) for row in both["rows"]} == set(lines.items())
    assert {label: found["matches"] for label, found in listed.items()} == campaigns
    shown = Counter(row[listed["Radio"]["columns"].index("line")] for row in listed["Radio"]["rows"])
    assert shown == {LABELS["13855550103"]: campaigns["Radio"]}


@pytest.mark.parametrize(
    ("said", "line"),
    [
        ("main", "18015550101"),
        ("MAIN office", "18015550101"),
        ("billing", "18015550102"),
        ("sales boise", "13855550103"),
        ("18015550102 Billing, Provo", "18015550102"),
        ("0104", "17025550104"),
        ("(208) 555-0105", "12085550105"),
    ],
)
async def test_a_line_goes_by_its_name_or_its_number(said: str, line: str) -> None:
    with Sandbox(conversations=201, now=NOW) as sandbox:
        async with asking(sandbox) as ask:
            named = await ask("summarize_sms_inbox", phone_number=said)
            numbered = await ask("summarize_sms_inbox", phone_number=line)

    assert named["narrowed_by"] == {"phone_number": LABELS.get(line, line)}
    assert named["conversations"] == numbered["conversations"] > 0


@pytest.mark.parametrize("value", ["billing,  PROVO", "18015550102 Billing, Provo", "(801) 555-0102"])
async def test_a_condition_takes_the_name_the_label_or_the_number(value: str) -> None:
    with Sandbox(conversations=201, now=NOW) as sandbox:
        async with asking(sandbox) as ask:
            named = await ask("summarize_sms_inbox", only=f'phone_number="{value}"')
            numbered = await ask("summarize_sms_inbox", phone_number="18015550102")

    assert named["conversations"] == numbered["conversations"] > 0


async def test_several_lines_that_fit_are_named_and_none_is_shown() -> None:
    with Sandbox(conversations=201, now=NOW) as sandbox:
        async with asking(sandbox) as ask:
            several = await ask("search_sms_messages", phone_number="sales")
            none = await ask("search_sms_messages", phone_number="support")

    assert several["rows"] == []
    assert sorted(several["matches"]) == ["13855550103 Sales Boise", "17025550104 Sales Provo"]
    assert "18015550101 Main office" in none["note"]


@pytest.mark.parametrize("given", [{"group_by": "campaign"}, {"only": "campaign=Radio"}])
async def test_without_the_file_a_campaign_is_one_sentence(given: dict[str, str]) -> None:
    with Sandbox(conversations=1, now=NOW) as sandbox:
        settings = reaching(sandbox, SETTINGS)
        async with open_account(ConvirzaClient.from_settings(settings), settings, clock=lambda: NOW) as account:
            refused = await call_tool(tool_named("summarize_sms_inbox"), given, account.request())

        (argument,) = given
        assert refused.is_error
        assert f"`{argument}` takes campaign where CONVIRZA_LINES_FILE is set." in str(refused.content)
        assert not sandbox.requests


async def test_a_name_means_the_same_line_in_both_periods() -> None:
    with Sandbox(conversations=201, now=NOW) as sandbox:
        async with asking(sandbox) as ask:
            named = await ask("summarize_sms_inbox", phone_number="main", start="10d", compare_to="previous")
            numbered = await ask("summarize_sms_inbox", phone_number="18015550101", start="10d", compare_to="previous")

    assert named["narrowed_by"] == {"phone_number": LABELS["18015550101"]}
    assert named["before"] == numbered["before"]
    assert named["before"]["conversations"] > 0
