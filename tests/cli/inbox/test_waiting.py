"""`convirza-mcp waiting`, as a person, a script and an alert would run it."""

import json
from datetime import datetime, timedelta
from typing import Any

import pytest

from convirza_mcp.sandbox import Sandbox
from faults.answers import page
from faults.server import FaultServer
from support.commands import NOW, run
from support.rows import row
from support.snapshots import Snapshot


def who_waits(inbox: Sandbox) -> list[dict[str, Any]]:
    """Straight from the inbox's own rows, oldest message first."""
    rows = inbox.ask(start=NOW - timedelta(days=30), end=NOW).rows
    unread = [each for each in rows if each["unread_count"]]
    return sorted(unread, key=lambda each: (each["conversation_updated"], each["conversation_id"]))


def seconds_waited(row: dict[str, Any]) -> int:
    return int((NOW - datetime.fromisoformat(row["conversation_updated"])).total_seconds())


@pytest.mark.parametrize(("age", "seconds"), [("30m", 1_800), ("24h", 86_400), (" 7D ", 604_800), ("1w", 604_800)])
def test_a_longer_wait_is_listed_and_the_status_is_1(inbox: Sandbox, age: str, seconds: int) -> None:
    late = [each for each in who_waits(inbox) if seconds_waited(each) > seconds]

    result = run(inbox, "waiting", "--max-wait", age, "--limit", "100", "--json")

    document = json.loads(result.stdout)
    assert (result.exit_code, document["listed"], document["max_wait_seconds"]) == (1, len(late), seconds)
    assert [each["conversation_id"] for each in document["conversations"]] == [
        each["conversation_id"] for each in late[:100]
    ]


def test_the_status_is_0_when_no_wait_is_longer(inbox: Sandbox) -> None:
    longest = -(-seconds_waited(who_waits(inbox)[0]) // 60)

    in_time = run(inbox, "waiting", "--max-wait", f"{longest}m")
    late = run(inbox, "waiting", "--max-wait", f"{longest - 1}m")

    assert (in_time.exit_code, late.exit_code) == (0, 1)
    assert in_time.stdout.startswith(f"0 shown of {len(who_waits(inbox))} waiting · 0 longer than ")


def test_what_cannot_be_told_is_neither_late_nor_in_time(inbox: Sandbox) -> None:
    refused = run(inbox, "waiting", "--max-wait", "30m", CONVIRZA_TOKEN="wrong")
    with FaultServer(
        page([row()], data={"total": 9, "conversation": [row(unread_count=0, conversation_status="read")]})
    ) as server:
        incomplete = run(inbox, "waiting", "--max-wait", "9999d", CONVIRZA_BASE_URL=server.base_url)

    assert (refused.exit_code, refused.stdout) == (3, "")
    assert refused.stderr.startswith("convirza-mcp: ")
    assert incomplete.exit_code == 3
    assert "Not complete: " in incomplete.stdout


@pytest.mark.parametrize(
    ("fields", "arguments", "status", "said"),
    [
        ({"conversation_updated": "never"}, (), 3, "without a time"),
        ({"conversation_updated": None}, (), 3, "without a time"),
        ({"conversation_updated": "0001-01-01T00:00:00Z"}, (), 3, "without a time"),
        ({"conversation_updated": "never", "unread_count": 0, "conversation_status": "read"}, (), 0, "No one"),
        ({"unread_count": "many", "conversation_status": "read"}, (), 3, "is unreadable: 1."),
        ({"unread_count": 0, "conversation_status": []}, (), 3, "is unreadable: 1."),
        ({"unread_count": "many"}, (), 0, "0 longer than"),
        ({"conversation_id": None}, (), 3, "is unreadable: 1."),
        ({"agent": []}, ("--agent", "Ann Lee"), 3, "is unreadable: 1."),
        ({"phone_number": {}}, ("--phone-number", "18015557654"), 3, "is unreadable: 1."),
        ({"agent": []}, (), 0, "0 longer than"),
    ],
    ids=["no readable time", "no time", "a date that is none", "no time, and read", "no readable count, and read",
         "no readable status", "no readable count, and unread", "no id", "no readable agent, one asked for",
         "no readable line, one asked for", "no readable agent"],
)  # fmt: skip
def test_a_field_that_cannot_be_read_gives_no_all_clear(
    fields: dict[str, Any], arguments: tuple[str, ...], status: int, said: str
) -> None:
    fresh = {"conversation_updated": (NOW - timedelta(minutes=5)).isoformat()}
    with FaultServer(*[page([row(**fresh | fields)])] * 9) as server:
        reached = {"CONVIRZA_TOKEN": "token", "CONVIRZA_BASE_URL": server.base_url}
        result = run(None, "waiting", "--max-wait", "30m", *arguments, **reached)

    assert (result.exit_code, result.stderr) == (status, "")
    assert said in result.stdout


@pytest.mark.parametrize(
    "arguments",
    [
        ("--type", "close"),
        ("--min-wait-minutes", "999999"),
        ("--agent", "Nobody Here"),
        ("--start", "2026-03-06T16:11:00Z"),
    ],
    ids=lambda arguments: arguments[0],
)
def test_an_empty_list_is_explained_in_the_words_of_the_command_line(
    inbox: Sandbox, arguments: tuple[str, ...], snapshot: Snapshot
) -> None:
    snapshot(run(inbox, "waiting", *arguments).stdout.strip())
