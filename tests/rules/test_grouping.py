"""Narrowing to an agent or a business line, however either is written."""

from datetime import UTC, datetime

import pytest

from convirza_mcp.api.models import Conversation
from convirza_mcp.rules.grouping import grouping, narrowed
from convirza_mcp.rules.terms import Terms
from convirza_mcp.scan.results import Seen

TERMS = Terms(now=datetime(2026, 3, 6, tzinfo=UTC))
SEEN = [
    Seen(Conversation(conversation_id=place, agent=agent, phone_number=line), False)
    for place, (agent, line) in enumerate(
        [
            ("Priya Nair", "18015550101"),
            ("PRIYA  NAIR", "8015550101"),
            ("Príya Nair", "(801) 555-0101"),
            ("Priya", "18015550102"),
            (None, "13855550101"),
            ("\u200b", "Main Line"),
        ]
    )
]


def ids(**by: str) -> list[int]:
    return [each.conversation.conversation_id for each in narrowed(SEEN, by)]


@pytest.mark.parametrize(
    "line", ["8015550101", "(801) 555-0101", "+1 801 555 0101", "18015550101", "８０１５５５０１０１"]
)
def test_a_line_is_found_with_or_without_its_country_code(line: str) -> None:
    assert ids(phone_number=line) == [0, 1, 2]


def test_another_area_code_is_another_line() -> None:
    assert ids(phone_number="385-555-0101") == [4]
    assert ids(phone_number="7015550101") == []
    assert ids(phone_number="5550101") == []
    assert ids(phone_number="main line") == [5]


def test_an_agent_is_found_whatever_the_case_and_accents() -> None:
    assert ids(agent="priya nair") == ids(agent="Príya Nair") == [0, 1, 2]
    assert ids(agent="priya") == [3]
    assert ids(agent="none") == [4, 5]


def test_groups_are_what_a_filter_finds_and_show_the_first_writing() -> None:
    of_line, of_agent = grouping("phone_number", TERMS), grouping("agent", TERMS)
    assert [of_line(each.conversation).label for each in SEEN] == [
        *["18015550101"] * 3,
        "18015550102",
        "13855550101",
        "Main Line",
    ]
    assert [of_agent(each.conversation).label for each in SEEN] == [
        *["Priya Nair"] * 3,
        "Priya",
        "no agent",
        "no agent",
    ]
