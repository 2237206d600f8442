"""Whatever says zero, none, nothing, nobody or exits with 0 has read what that rests on, or says what it could not."""

import itertools
import json
import re
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime
from typing import Any

import pytest
from click.testing import CliRunner, Result
from mcp import Client
from mcp.shared.exceptions import MCPError

import faults
from convirza_mcp import Settings
from convirza_mcp.cli import commands
from convirza_mcp.server.build import build_server
from convirza_mcp.setup.doctor.checks.call import check_call
from convirza_mcp.tools import all_tools
from faults import FaultServer
from faults.answers import Answer
from support.rows import envelope, row

NOW = datetime(2026, 3, 6, 16, 12, tzinfo=UTC)

COMMANDS = {
    "waiting": ["waiting"],
    "alert": ["waiting", "--max-wait", "30m"],
    "summary": ["summary"],
    "search": ["search", "refund"],
    "list": ["list"],
    "changes": ["changes", "--since", "7d"],
    "get": ["get", "911"],
    "export": ["export", "--output", "-"],
    "status": ["status"],
    "report": ["report", "--output", "-"],
}
ARGUMENTS: dict[str, dict[str, Any]] = {
    "get_sms_conversation": {"conversation_id": 911},
    "list_sms_changes": {"since": "2026-03-01"},
    "list_sms_conversations": {},
    "list_waiting_sms_conversations": {"start": "2026-03-01", "end": "2026-03-06"},
    "search_sms_messages": {"query": "refund", "start": "2026-03-01", "end": "2026-03-06"},
    "summarize_sms_inbox": {"start": "2026-03-01", "end": "2026-03-06"},
}
QUIET = {"conversation_status": "read", "unread_count": 0, "sms_type": "outgoing"}
UNREADABLE = {"conversation_updated": "never", "unread_count": "many", "message": [1], "agent": {"x": 1}, "source": [2]}
EMPTY = {"total": 0, "conversation": []}

# What must not be taken for an empty inbox: in the HTTP status, in the body alone, or in both and contradicting.
FAILED = {
    "a server error": (500, {"code": 500, "data": None}),
    "refused": (401, {"message": "Unauthorized"}),
    "not JSON": (200, "<html>Please sign in</html>"),
    "cut off": (200, '{"code":200,"data":{"total":0,'),
    "no data": (200, {"code": 200, "data": None}),
    "401 in a 200, and empty": (200, {"code": 401, "message": "Unauthorized", "data": EMPTY}),
    "403 in a 200, and empty": (200, {"code": 403, "data": EMPTY}),
    "500 in a 200, and empty": (200, {"code": "500", "data": []}),
    "200 in a 500, and empty": (500, {"code": 200, "data": EMPTY}),
    "no success in a 200, and empty": (200, {"success": False, "data": []}),
}


def answer(body: object, status: int = 200) -> Answer:
    text = body if isinstance(body, str) else json.dumps(body)
    return faults.status(status, text.encode(), [("Content-Type", "application/json"), ("Retry-After", "0")])


def run(given: Answer, *arguments: str) -> Result:
    with FaultServer(given) as convirza:
        environment = {
            "CONVIRZA_TOKEN": "token",
            "CONVIRZA_BASE_URL": convirza.base_url,
            "CONVIRZA_TIMEZONE": "UTC",
            "COLUMNS": "1000",
        }
        return CliRunner().invoke(commands, arguments, env=environment, obj=lambda: NOW)


async def call(given: Answer, tool: str, **more: Any) -> tuple[bool, str]:
    with FaultServer(given) as convirza:
        settings = Settings(token="token", base_url=convirza.base_url)
        async with Client(build_server(settings)) as client:
            result = await client.call_tool(tool, ARGUMENTS[tool] | more)
    return bool(result.is_error), result.content[0].text


def test_these_tests_call_every_tool() -> None:
    assert {tool.name for tool in all_tools()} == ARGUMENTS.keys()


# Every place meets every fault once in the long counts; the quick run goes along the diagonal.
def each_with_a_fault(places: Iterable[str]) -> pytest.MarkDecorator:
    faults_in_turn = itertools.cycle(FAILED)
    quick = [(place, next(faults_in_turn)) for place in places]
    others = [pair for pair in itertools.product(places, FAILED) if pair not in quick]
    long = [pytest.param(*pair, marks=pytest.mark.long) for pair in others]
    return pytest.mark.parametrize(("place", "fault"), [*quick, *long])


@each_with_a_fault(COMMANDS)
def test_a_command_that_read_nothing_fails(place: str, fault: str) -> None:
    status, body = FAILED[fault]

    result = run(answer(body, status), *COMMANDS[place])

    assert result.exit_code == (3 if place == "alert" else 1)
    if place == "status":
        assert "fails: " in result.stdout
    elif place not in ("export", "report"):
        assert result.stdout == ""


@each_with_a_fault(ARGUMENTS)
async def test_a_tool_that_read_nothing_fails(place: str, fault: str) -> None:
    status, body = FAILED[fault]

    is_error, text = await call(answer(body, status), place)

    assert is_error
    assert re.search(r"\[[a-z_]+\]$", text)


@pytest.mark.parametrize("filters", [["--agent", "Emily Clrk"], ["--phone-number", "4045550199"]])
@pytest.mark.parametrize("place", ["waiting", "alert", "summary", "search", "changes"])
def test_a_filter_that_matches_nothing_is_named(place: str, filters: Sequence[str]) -> None:
    result = run(answer(envelope([row(1)])), *COMMANDS[place], *filters)

    assert result.exit_code == (3 if place == "alert" else 0)
    assert filters[0] in result.stdout
    assert "Nothing" not in result.stdout


def test_no_agent_is_no_name_that_could_be_misspelled() -> None:
    assert run(answer(envelope([row(1)])), *COMMANDS["alert"], "--agent", "none").exit_code == 0


def test_an_inbox_that_was_read_and_is_empty_is_all_clear() -> None:
    assert run(answer(envelope([])), *COMMANDS["alert"], "--agent", "Ann Lee").exit_code == 0


SAID = {
    "waiting": "ay also wait",
    "alert": "ay also wait",
    "summary": "agent (1), conversation_updated (1), message (1), source (1), unread_count (1)",
    "search": "could be read",
    "list": "agent (1)",
    "changes": "1 conversation may have changed",
}
NO_READ_STATE = {"unread_count": None, "conversation_status": None}


ALL_CLEAR = "No one is waiting in|Nothing has changed|all were read|No conversation in"
"""What an answer may say only if it has read everything that this rests on."""


@pytest.mark.parametrize("place", SAID)
def test_a_field_that_could_not_be_read_is_no_zero(place: str) -> None:
    result = run(answer(envelope([row(1, **(QUIET | UNREADABLE))])), *COMMANDS[place])

    assert result.exit_code == (3 if place == "alert" else 0)
    assert SAID[place] in result.stdout
    assert not re.search("No one is waiting in|Nothing has changed", result.stdout)


@pytest.mark.parametrize("place", [place for place in COMMANDS if place != "status"])
def test_rows_that_could_not_be_read_leave_the_answer_incomplete(place: str) -> None:
    result = run(answer(envelope([row("x", **QUIET)])), *COMMANDS[place])

    assert result.exit_code == {"alert": 3, "changes": 1, "get": 1, "export": 1, "report": 1}.get(place, 0)
    assert "conversation_id" in result.output or "had no readable id" in result.output
    assert not re.search(ALL_CLEAR, result.output)


@pytest.mark.parametrize("place", [place for place in COMMANDS if place != "status"])
def test_a_total_without_rows_leaves_the_answer_incomplete(place: str) -> None:
    result = run(answer(envelope([], data={"total": 3, "conversation": []})), *COMMANDS[place])

    assert result.exit_code == {"alert": 3, "changes": 1, "get": 1, "export": 1, "report": 1}.get(place, 0)
    assert re.search("[Nn]ot complete|incomplete|may not be empty", result.output)
    assert not re.search(ALL_CLEAR, result.output)


@pytest.mark.parametrize("place", ["waiting", "alert", "summary"])
def test_a_row_without_the_fields_that_decide_is_no_row_that_was_read(place: str) -> None:
    result = run(answer(envelope([row(1, **(QUIET | NO_READ_STATE))])), *COMMANDS[place])

    assert result.exit_code == (3 if place == "alert" else 0)
    assert re.search("May also wait, because|No field says whether 1 are unread", result.stdout)
    assert "No one is waiting in" not in result.stdout


def test_a_report_names_the_fields_that_it_could_not_read() -> None:
    result = run(answer(envelope([row(1, **(QUIET | UNREADABLE))])), *COMMANDS["report"])

    assert result.exit_code == 0
    assert "unread_count (1)" in result.stderr


@pytest.mark.parametrize("filters", [["--agent", "Emily Clrk"], ["--phone-number", "4045550199"]])
@pytest.mark.parametrize("place", ["export", "report"])
def test_a_file_of_no_one_is_not_written(place: str, filters: Sequence[str]) -> None:
    result = run(answer(envelope([row(1)])), *COMMANDS[place], *filters)

    assert (result.exit_code, result.stdout) == (2, "")
    assert filters[0] in result.stderr


@pytest.mark.parametrize("address", ["convirza://sms/inbox", "convirza://sms/conversations/911"])
@pytest.mark.parametrize(
    "fault", [pytest.param(each, marks=[] if "empty" in each else pytest.mark.long) for each in FAILED]
)
async def test_a_resource_that_read_nothing_fails(address: str, fault: str) -> None:
    status, body = FAILED[fault]
    with FaultServer(answer(body, status)) as convirza:
        async with Client(build_server(Settings(token="token", base_url=convirza.base_url))) as client:
            with pytest.raises(MCPError, match=r"\[[a-z_]+\]$"):
                await client.read_resource(address)


async def test_a_connector_s_search_knows_what_it_could_not_search() -> None:
    with FaultServer(answer(envelope([row(1, message=[1])]))) as convirza:
        settings = Settings(token="token", base_url=convirza.base_url, chatgpt_tools=True)
        async with Client(build_server(settings)) as client:
            result = await client.call_tool("search", {"query": "refund or special"})

    assert result.structured_content is not None
    note = result.structured_content["metadata"]["note"]
    assert "Nothing found in what could be read" in note
    assert '"or" too' in note


async def test_older_rows_beside_a_total_of_0_are_no_count() -> None:
    older = answer(envelope(data={"total": 0, "conversation": [row(1)]}))
    with FaultServer(answer(envelope([])), older) as convirza:
        async with Client(build_server(Settings(token="token", base_url=convirza.base_url))) as client:
            text = (await client.call_tool("list_waiting_sms_conversations", {})).content[0].text

    assert "older_open" not in json.loads(text)
    assert "Older open conversations could not be counted" in text


@pytest.mark.parametrize("agent", ["Ann Lee", None])
async def test_a_change_whose_agent_could_not_be_read_may_be_the_one_asked_for(agent: str | None) -> None:
    given = answer(envelope([row(1, agent={"x": 1})]))

    _, text = await call(given, "list_sms_changes", **({} if agent is None else {"agent": agent}))

    note = json.loads(text).get("note", "")
    assert ("1 conversation may have changed" in note) is (agent is not None)
    assert "None of the" not in note


def test_an_export_names_the_fields_that_it_could_not_read() -> None:
    result = run(answer(envelope([row(1, **(QUIET | UNREADABLE))])), *COMMANDS["export"])

    assert "unread_count (1)" in result.stderr


@pytest.mark.parametrize("fault", FAILED)
async def test_the_doctor_s_call_fails(fault: str) -> None:
    status, body = FAILED[fault]
    with FaultServer(answer(body, status)) as convirza:
        finding = await check_call(Settings(token="token", base_url=convirza.base_url), "environment")

    assert finding.ok is False
