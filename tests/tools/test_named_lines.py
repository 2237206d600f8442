"""Names and campaigns of lines in questions and answers."""

from collections import Counter
from collections.abc import AsyncIterator
from dataclasses import replace
from typing import Any

import pytest

from convirza_mcp.business_lines import parse_lines
from convirza_mcp.sandbox import Sandbox
from support.calls import NOW, SETTINGS, Asking, asking

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


SANDBOX = {"conversations": 201, "now": NOW}


@pytest.fixture
async def ask(sandbox: Sandbox) -> AsyncIterator[Asking]:
    async with asking(sandbox, NAMED) as ask:
        yield ask


@pytest.mark.parametrize("privacy", ["off", "mask", "strict"])
@pytest.mark.parametrize("output", ["both", "text"])
async def test_campaigns_and_names_equal_a_plain_count(sandbox: Sandbox, privacy: Any, output: Any) -> None:
    rows = sandbox.ask(type="allOpen", limit=None, start=NOW.replace(year=2025), end=NOW).rows
    campaigns = Counter(CAMPAIGNS.get(row["phone_number"], "no campaign") for row in rows)
    lines = Counter(LABELS.get(row["phone_number"], row["phone_number"] or "no line") for row in rows)
    async with asking(sandbox, NAMED, privacy=privacy, output=output) as ask:
        window = {"type": "allOpen", "start": "2025-03-06T16:12:00Z"}
        by_campaign = await ask("summarize", group_by="campaign", **window)
        by_line = await ask("summarize", group_by="phone_number", **window)
        both = await ask("summarize", group_by="campaign", then_by="phone_number", **window)
        listed = {label: await ask("search", only=f'campaign="{label}"', limit=100, **window) for label in campaigns}

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
async def test_a_line_goes_by_its_name_or_its_number(ask: Asking, said: str, line: str) -> None:
    named = await ask("summarize", phone_number=said)
    numbered = await ask("summarize", phone_number=line)

    assert named["narrowed_by"] == {"phone_number": LABELS.get(line, line)}
    assert named["conversations"] == numbered["conversations"] > 0


@pytest.mark.parametrize("value", ["billing,  PROVO", "18015550102 Billing, Provo", "(801) 555-0102"])
async def test_a_condition_takes_the_name_the_label_or_the_number(ask: Asking, value: str) -> None:
    named = await ask("summarize", only=f'phone_number="{value}"')
    numbered = await ask("summarize", phone_number="18015550102")

    assert named["conversations"] == numbered["conversations"] > 0


async def test_several_lines_that_fit_are_named_and_none_is_shown(ask: Asking) -> None:
    several = await ask("search", phone_number="sales")
    none = await ask("search", phone_number="support")

    assert several["rows"] == []
    assert sorted(several["matches"]) == ["13855550103 Sales Boise", "17025550104 Sales Provo"]
    assert "18015550101 Main office" in none["note"]


@pytest.mark.parametrize("given", [{"group_by": "campaign"}, {"only": "campaign=Radio"}])
async def test_without_the_file_a_campaign_is_one_sentence(sandbox: Sandbox, given: dict[str, str]) -> None:
    before = len(sandbox.requests)
    async with asking(sandbox) as ask:
        refused = await ask.refusal("summarize", **given)

    (argument,) = given
    assert f"`{argument}` takes campaign where CONVIRZA_LINES_FILE is set." in refused
    assert len(sandbox.requests) == before


async def test_a_name_means_the_same_line_in_both_periods(ask: Asking) -> None:
    named = await ask("summarize", phone_number="main", start="10d", compare_to="previous")
    numbered = await ask("summarize", phone_number="18015550101", start="10d", compare_to="previous")

    assert named["narrowed_by"] == {"phone_number": LABELS["18015550101"]}
    assert named["before"] == numbered["before"]
    assert named["before"]["conversations"] > 0
