"""`--only`, `--by-time` and what goes with them, on every command that lists, counts or exports."""

import csv
import io
import json
from typing import Any

import pytest

from convirza_mcp.sandbox import Sandbox
from support.commands import NOW, run

HOURS = {"CONVIRZA_BUSINESS_HOURS": "Mon-Fri 08:00-18:00"}


def document(inbox: Sandbox, *arguments: str) -> dict[str, Any]:
    result = run(inbox, *arguments, "--json", **HOURS)
    assert (result.exit_code, result.stderr) == (0, ""), result.output
    found: dict[str, Any] = json.loads(result.stdout)
    return found


@pytest.mark.parametrize(
    ("only", "by_time"),
    [
        ("missed_target", "started"),
        ("unread, agent=none", "started"),
        ("outside_hours", "started"),
        ('weekday="Monday", late', "started"),
        ("pinned", "closed"),
    ],
)
def test_a_count_a_list_and_a_file_are_the_same_conversations(inbox: Sandbox, only: str, by_time: str) -> None:
    given = ("--only", only, "--start", "20d", "--by-time", by_time)

    counted = document(inbox, "summary", *given)
    listed = document(inbox, "search", *given, "--limit", "100")
    file = run(inbox, "export", "--output", "-", "--format", "csv", "--type", "all", *given, **HOURS)

    ids = {each["conversation_id"] for each in listed["conversations"]}
    assert counted["conversations"] == listed["matches"] == len(ids) > 0
    assert counted["only"] == ", ".join(part.partition("=")[0].strip() for part in only.split(","))
    assert file.exit_code == 0
    assert {int(each["conversation_id"]) for each in csv.DictReader(io.StringIO(file.stdout, newline=""))} == ids
    assert f"{len(ids)} conversations · " in file.stderr


def test_two_periods_beside_each_other(inbox: Sandbox) -> None:
    given = ("summary", "--start", "7d", "--compare-to", "week_before", "--by-time", "started", "--group-by", "agent")

    found = document(inbox, *given)
    shown = run(inbox, *given)

    assert sum(each["conversations"] for each in found["groups"]) == found["conversations"]
    assert sum(each["before"]["conversations"] for each in found["groups"]) == found["before"]["conversations"]
    assert f"({found['change']})" in shown.stdout
    assert "before" in shown.stdout


def test_two_groupings_are_a_table_where_there_is_room(inbox: Sandbox) -> None:
    given = ("summary", "--group-by", "weekday", "--then-by", "business_hours")

    found = document(inbox, *given)
    wide, narrow = (run(inbox, *given, **HOURS, COLUMNS=columns).stdout for columns in ("160", "24"))

    monday = {each["then"]: each["conversations"] for each in found["groups"] if each["group"] == "Monday"}
    (row,) = [line.split() for line in wide.splitlines() if line.startswith("Monday")]
    assert row == ["Monday", *(str(monday[each]) for each in ("inside", "outside"))]
    assert "Monday · inside" in narrow


@pytest.mark.parametrize(
    "given",
    [("search", "--only", "lost"), ("export", "--output", "-", "--only", "hour=99"), ("waiting", "--only", "=")],
)
def test_a_condition_that_cannot_be_is_refused_before_anything_is_read(given: tuple[str, ...]) -> None:
    with Sandbox(conversations=1, now=NOW) as sandbox:
        result = run(sandbox, *given)

    assert result.exit_code == 2
    assert "only" in result.stderr
    assert sandbox.requests == []
