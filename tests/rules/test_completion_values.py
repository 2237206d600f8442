"""Agents and lines as the views in memory show them."""

from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from convirza_mcp.api.models import Conversation
from convirza_mcp.clock.window import Window
from convirza_mcp.rules.completion_values import agents_in, ids_in, lines_in, matching
from convirza_mcp.scan.results import Coverage, WholeView
from convirza_mcp.text.clean import clean

NOW = datetime(2026, 3, 5, 18, tzinfo=UTC)
WINDOW = Window.read(None, None, now=NOW, zone=UTC, default_days=30)
AGENTS = ["Ana Müller", "Anabel Cruz", "Bob Ray", "Hannah Berg", "Zoë Ana"]
LINES = ["+1 (801) 555-7654", "18015550100", "19705551801", "Main Line"]


def view(**fields: list[Any]) -> WholeView:
    count = len(next(iter(fields.values())))
    rows = tuple(
        Conversation(conversation_id=place, **{name: values[place] for name, values in fields.items()})
        for place in range(count)
    )
    return WholeView("allOpen", rows, Coverage(read=count, total=count, requests=1, as_of=NOW), WINDOW, True)


def test_each_agent_is_there_once_clean_and_by_name() -> None:
    views = [
        view(agent=["Zoë Ana", "ann\u200b  LEE\u202e", None, " ", "\x1b[31m", "Bob Ray"]),
        view(agent=["Ann Lee", "bob ray", "Émile Roy", "x" * 256]),
    ]

    assert agents_in(views) == ["ann LEE", "Bob Ray", "Émile Roy", "Zoë Ana"]
    # The second time from what was made of the views.
    assert agents_in(views[1:]) == ["Ann Lee", "bob ray", "Émile Roy"]
    assert agents_in([]) == []


def test_each_line_is_there_once_however_it_is_written() -> None:
    numbers = ["18015557654", "+1 801-555-7654", "\x1b[1m18015557654", "Main Line", None, "contact-qzjvkmwbtx"]

    assert lines_in([view(phone_number=numbers)]) == ["18015557654", "Main Line"]


def test_each_id_is_there_once_the_newest_first() -> None:
    hours = [datetime(2026, 3, 5, hour, tzinfo=UTC) for hour in (9, 11, 10)]
    # 0, 1 and 2; the second view has seen a later message of 0, and 3 without a time.
    views = [view(conversation_updated=hours), view(conversation_updated=[hours[1], hours[0], hours[0], None])]

    assert ids_in(views[:1]) == ["1", "2", "0"]
    # The second time from what was made of the views.
    assert ids_in(views) == ["1", "0", "2", "3"]
    assert ids_in([]) == []


@pytest.mark.parametrize(
    ("values", "typed", "found"),
    [
        (AGENTS, "", AGENTS),
        (AGENTS, "ana", ["Ana Müller", "Anabel Cruz", "Zoë Ana"]),
        (AGENTS, "ANA M", ["Ana Müller"]),
        (AGENTS, "muller", ["Ana Müller"]),
        (AGENTS, "Zoe", ["Zoë Ana"]),
        (AGENTS, "\u202ezo\u0308e\u200b", ["Zoë Ana"]),
        (AGENTS, "zoe\u0308", ["Zoë Ana"]),
        (AGENTS, "nobody", []),
        (LINES, "1801", ["+1 (801) 555-7654", "18015550100", "19705551801"]),
        (LINES, "801-555", ["+1 (801) 555-7654", "18015550100"]),
        (LINES, "+1 (801", ["+1 (801) 555-7654", "18015550100", "19705551801"]),
        (LINES, "line", ["Main Line"]),
        (["Agent 009", "Agent 090", "Desk 1801"], "09", ["Agent 009", "Agent 090"]),
        (["Agent 009", "Agent 090", "Desk 1801"], "1-8", []),
        (LINES, "x" * 100_000, []),
    ],
)
def test_what_begins_so_comes_before_what_holds_it(values: list[str], typed: str, found: list[str]) -> None:
    assert matching(values, typed) == found


@given(st.lists(st.none() | st.text(max_size=40), min_size=1, max_size=8), st.text(max_size=8))
def test_whatever_agents_are_called_what_is_offered_is_clean_and_each_once(names: list[Any], typed: str) -> None:
    offered = agents_in([view(agent=names)])

    assert all(name and clean(name) == name and "\n" not in name for name in offered)
    assert len({name.casefold() for name in offered}) == len(offered)
    found = matching(offered, typed)
    assert len(set(found)) == len(found)
    assert set(found) <= set(offered)
    assert all(name in matching(offered, name) for name in offered)
