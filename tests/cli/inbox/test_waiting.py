"""`convirza-mcp waiting`, as a person, a script and an alert would run it."""

import json
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from click.testing import CliRunner, Result

from convirza_mcp.answers.records import FULL_COLUMNS
from convirza_mcp.cli import commands
from convirza_mcp.cli.question import Clock
from convirza_mcp.sandbox import Sandbox
from convirza_mcp.tools.list_waiting_sms_conversations import WaitingArguments
from faults.answers import json_body, page
from faults.pages import row
from faults.server import FaultServer
from support.snapshots import assert_is_snapshot

NOW = datetime(2026, 3, 6, 16, 12, tzinfo=UTC)


@pytest.fixture(scope="module")
def sandbox() -> Iterator[Sandbox]:
    with Sandbox(now=NOW) as sandbox:
        yield sandbox


def run(sandbox: Sandbox | None, *arguments: str, **settings: str) -> Result:
    reached = {} if sandbox is None else {"CONVIRZA_TOKEN": sandbox.token, "CONVIRZA_BASE_URL": sandbox.base_url}
    environment = {"CONVIRZA_TOKEN": None, "CONVIRZA_TIMEZONE": "America/Denver", "COLUMNS": "160"} | reached | settings
    return CliRunner().invoke(
        commands, ["waiting", *arguments], env=environment, prog_name="convirza-mcp", obj=Clock(lambda: NOW)
    )


def who_waits(sandbox: Sandbox) -> list[dict[str, Any]]:
    """Straight from the sandbox's own rows, oldest message first."""
    rows = sandbox.ask(start=NOW - timedelta(days=30), end=NOW).rows
    unread = [each for each in rows if each["unread_count"]]
    return sorted(unread, key=lambda each: (each["conversation_updated"], each["conversation_id"]))


def seconds_waited(row: dict[str, Any]) -> int:
    return int((NOW - datetime.fromisoformat(row["conversation_updated"])).total_seconds())


def test_the_list_reads_as_agreed(sandbox: Sandbox) -> None:
    result = run(sandbox, "--limit", "12")

    assert (result.exit_code, result.stderr) == (0, "")
    assert_is_snapshot(result.stdout, "cli_waiting.txt")


def test_the_late_ones_in_business_hours_read_as_agreed(sandbox: Sandbox) -> None:
    hours = "Mon-Fri 08:00-18:00, Sat 09:00-13:00"

    result = run(sandbox, "--max-wait", "7d", "--agent", "none", "--limit", "5", CONVIRZA_BUSINESS_HOURS=hours)

    assert (result.exit_code, result.stderr) == (1, "")
    assert_is_snapshot(result.stdout, "cli_waiting_late.txt")


def test_json_has_fixed_keys_and_iso_times(sandbox: Sandbox) -> None:
    result = run(sandbox, "--limit", "3", "--json")

    document = json.loads(result.stdout)
    conversations = document.pop("conversations")
    truth = who_waits(sandbox)
    everything = sandbox.ask(start=NOW - timedelta(days=30), end=NOW).rows
    assert document == {
        "type": "allOpen",
        "narrowed_by": {},
        "candidates": [],
        "window": {
            "start": "2026-02-04T09:12:00-07:00",
            "end": "2026-03-06T09:12:00-07:00",
            "zone": "America/Denver",
        },
        "business_hours": None,
        "waiting": len(truth),
        "max_wait_seconds": None,
        "listed": len(truth),
        "left_out": len(truth) - 3,
        "unknown_waits": 0,
        "read_but_incoming": sum(not each["unread_count"] and each["sms_type"] == "incoming" for each in everything),
        "coverage": {
            "read": len(everything),
            "total": len(everything),
            "requests": 1,
            "complete": True,
            "reason": None,
            "unreadable": {},
            "as_of": "2026-03-06T09:12:00-07:00",
        },
    }
    assert [list(each) for each in conversations] == [[*FULL_COLUMNS, "waiting_seconds", "reasons"]] * 3
    assert [each["conversation_id"] for each in conversations] == [each["conversation_id"] for each in truth[:3]]
    assert [each["waiting_seconds"] for each in conversations] == [seconds_waited(each) for each in truth[:3]]


@pytest.mark.parametrize(("age", "seconds"), [("30m", 1_800), ("24h", 86_400), (" 7D ", 604_800), ("1w", 604_800)])
def test_who_waits_longer_is_listed_and_the_status_is_1(sandbox: Sandbox, age: str, seconds: int) -> None:
    late = [each for each in who_waits(sandbox) if seconds_waited(each) > seconds]

    result = run(sandbox, "--max-wait", age, "--limit", "100", "--json")

    document = json.loads(result.stdout)
    assert (result.exit_code, document["listed"], document["max_wait_seconds"]) == (1, len(late), seconds)
    assert [each["conversation_id"] for each in document["conversations"]] == [
        each["conversation_id"] for each in late[:100]
    ]


def test_the_status_is_0_when_nobody_waits_longer(sandbox: Sandbox) -> None:
    longest = -(-seconds_waited(who_waits(sandbox)[0]) // 60)

    in_time = run(sandbox, "--max-wait", f"{longest}m")
    late = run(sandbox, "--max-wait", f"{longest - 1}m")

    assert (in_time.exit_code, late.exit_code) == (0, 1)
    assert in_time.stdout.startswith(f"0 shown of {len(who_waits(sandbox))} waiting · 0 longer than ")


def test_who_is_late_counts_beyond_the_limit(sandbox: Sandbox) -> None:
    late = [each for each in who_waits(sandbox) if seconds_waited(each) > 1_800]

    document = json.loads(run(sandbox, "--max-wait", "30m", "--limit", "1", "--json").stdout)

    assert (document["listed"], document["left_out"]) == (len(late), len(late) - 1)


def test_what_cannot_be_told_is_neither_late_nor_in_time(sandbox: Sandbox) -> None:
    refused = run(sandbox, "--max-wait", "30m", CONVIRZA_TOKEN="wrong")
    with FaultServer(
        page([row()], data={"total": 9, "conversation": [row(unread_count=0, conversation_status="read")]})
    ) as server:
        incomplete = run(sandbox, "--max-wait", "9999d", CONVIRZA_BASE_URL=server.base_url)

    assert (refused.exit_code, refused.stdout) == (3, "")
    assert refused.stderr.startswith("convirza-mcp: ")
    assert incomplete.exit_code == 3
    assert "Not complete: Convirza gave the same page again" in incomplete.stdout
    assert "Of the conversations read, nobody waits.\n" in incomplete.stdout


@pytest.mark.parametrize(
    ("fields", "arguments", "status", "said"),
    [
        ({"conversation_updated": "never"}, (), 3, "Latest message without a time, so ranked last: 1."),
        ({"conversation_updated": None}, (), 3, "Latest message without a time, so ranked last: 1."),
        ({"conversation_updated": "0001-01-01T00:00:00Z"}, (), 3, "Latest message without a time, so ranked last: 1."),
        ({"conversation_updated": "never", "unread_count": 0, "conversation_status": "read"}, (), 0, "Nobody waits"),
        ({"unread_count": "many", "conversation_status": "read"}, (), 3, "being unreadable: 1."),
        ({"unread_count": 0, "conversation_status": []}, (), 3, "being unreadable: 1."),
        ({"unread_count": "many"}, (), 0, "0 longer than"),
        ({"conversation_id": None}, (), 3, "being unreadable: 1."),
        ({"agent": []}, ("--agent", "Ann Lee"), 3, "being unreadable: 1."),
        ({"phone_number": {}}, ("--phone-number", "18015557654"), 3, "being unreadable: 1."),
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
        result = run(None, "--max-wait", "30m", *arguments, **reached)

    assert (result.exit_code, result.stderr) == (status, "")
    assert said in result.stdout


@pytest.mark.parametrize(
    "body",
    [
        {"code": 401, "message": "Unauthorized", "data": {"total": 0, "conversation": []}},
        {"code": 500, "message": "Oops", "data": []},
        {"code": 1001, "message": "Session ended", "data": {"total": 0, "conversation": []}},
        {"code": 200, "data": None},
        {"code": 200, "data": {"total": 5, "conversation": None}},
        {"code": 200, "data": {"total": 5, "conversation": []}},
    ],
    ids=["401", "500", "another system's code", "no data", "a total and null", "a total and no rows"],
)
def test_an_answer_that_contradicts_itself_gives_no_all_clear(body: dict[str, Any]) -> None:
    with FaultServer(*[json_body(body)] * 9) as server:
        reached = {"CONVIRZA_TOKEN": "token", "CONVIRZA_BASE_URL": server.base_url}
        result = run(None, "--max-wait", "30m", **reached)

    assert result.exit_code == 3
    assert "Nobody waits" not in result.stdout


@pytest.mark.parametrize("data", [[], {"total": 0, "conversation": None}, {"total": 0, "conversation": {}}], ids=str)
def test_an_inbox_that_is_empty_in_other_words_is_an_all_clear(data: object) -> None:
    with FaultServer(*[json_body({"code": 200, "data": data})] * 3) as server:
        reached = {"CONVIRZA_TOKEN": "token", "CONVIRZA_BASE_URL": server.base_url}
        result = run(None, "--max-wait", "30m", **reached)

    assert (result.exit_code, result.stderr) == (0, "")
    assert "Nobody waits in this view and window" in result.stdout


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (("--type", "close"), "Nobody waits in closed conversations, so nothing was read; ask with --type allOpen."),
        (
            ("--min-wait-minutes", "999999"),
            "Nobody has waited for --min-wait-minutes; ask with --min-wait-minutes 0 for everyone who waits.",
        ),
        (
            ("--agent", "Nobody Here"),
            "No agent fits --agent; the conversations read have the agents Amara Okafor, Casey Whitehorse, "
            "Daniel Kim, Emily Clark, James Carter, Layla Haddad, Maria Lopez, ",
        ),
        (("--start", "2026-03-06T16:11:00Z"), "Nobody waits in this view and window; --start 90d looks further back."),
    ],
)
def test_nobody_is_said_in_the_words_of_the_command_line(
    sandbox: Sandbox, arguments: tuple[str, ...], sentence: str
) -> None:
    assert sentence in run(sandbox, *arguments).stdout.splitlines()


def test_the_options_are_the_tool_s_parameters() -> None:
    shown = run(None, "--help").stdout

    for name in WaitingArguments.model_fields:
        assert f"--{name.replace('_', '-')} " in shown


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (("--limit", "500"), "`--limit` takes a whole number from 1 to 100."),
        (("--min-wait-minutes", "30m"), "`--min-wait-minutes` takes a whole number from 0."),
        (("--type", "all"), "`--type` takes one of allOpen, assignedToYou, unassigned, close."),
        *[
            (("--max-wait", age), "`--max-wait` takes an age such as 90m, 24h, 7d or 2w.")
            for age in ("", "30", "-5m", "1.5h", "m", "30s", "9999999m", "٣m")
        ],
        *[(("--max-wait", age), "`--max-wait` takes at most 9999d.") for age in ("10000d", "999999w", "239977h")],
    ],
)
def test_a_wrong_option_is_one_sentence_and_no_request(
    sandbox: Sandbox, arguments: tuple[str, ...], sentence: str
) -> None:
    before = len(sandbox.requests)

    result = run(sandbox, *arguments)

    assert (result.exit_code, result.stdout, result.stderr) == (2, "", f"convirza-mcp: {sentence}\n")
    assert len(sandbox.requests) == before


def test_markup_in_a_message_stays_a_message() -> None:
    with Sandbox(now=NOW, texts=["[bold red]buy[/bold red] [link=https://evil.example]x[/link] [/]"]) as sandbox:
        result = run(sandbox, "--limit", "1", COLUMNS="250")

    assert "[bold red]buy[/bold red]" in result.stdout
    assert "[/link] [/]" in result.stdout
