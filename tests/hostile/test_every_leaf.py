"""No string leaves uncleaned: every tool, prompt, command and export over rows that are dirty in every field.

Each answer is compared to the one over clean rows that look the same: it must be equal, key by key and row by row.
"""

import csv
import io
import json
import re
from collections.abc import Iterator
from typing import Any

import pytest
from click.testing import CliRunner
from mcp_types import TextContent

from convirza_mcp.cli import commands
from convirza_mcp.cli.render.blocks import NOTHING
from convirza_mcp.server.prompts import PROMPTS
from convirza_mcp.text.clean import clean
from convirza_mcp.tools import all_tools
from faults import FaultServer
from hostile.dirty_rows import DIRT, OTHERS, TEXTS, dirty, dirty_and_clean, pages_of
from hostile.inboxes import block_of, server_over
from hostile.leaves import NEVER, assert_clean, leaves_of
from support.rows import DOCUMENTED

COUNT = 60
DIRTY, CLEAN = dirty_and_clean(COUNT)
WINDOW = {"start": "2026-03-01", "end": "2026-03-06"}
TOKEN = "CNVZ-AT-7f3e9d"

TOOL_CALLS: list[tuple[str, dict[str, Any]]] = [
    ("list_sms_conversations", {"limit": 200, **WINDOW}),
    ("list_sms_conversations", {"limit": 200, "detail": "full", **WINDOW}),
    ("get_sms_conversation", {"conversation_id": 900_001, **WINDOW}),
    ("get_sms_conversation", {"conversation_id": 900_002, **WINDOW}),
    ("search_sms_messages", {"query": "please call", "limit": 100, **WINDOW}),
    ("list_waiting_sms_conversations", {"limit": 100, **WINDOW}),
    *(("summarize_sms_inbox", {"group_by": by, **WINDOW}) for by in ("none", "agent", "phone_number", "status", "day")),
    ("list_sms_changes", {"since": "2026-03-01", "limit": 200}),
    # Asked for by what a person reads.
    ("search_sms_messages", {"query": "ann", "agent": "bob ray", "type": "close", **WINDOW}),
    ("search_sms_messages", {"query": "1801555 0002", **WINDOW}),
    ("list_waiting_sms_conversations", {"agent": "Cy Dee", **WINDOW}),
    # The digits of a terminal sequence, which nobody sees, are none of a line's number.
    ("search_sms_messages", {"query": "ann", "phone_number": "18015557654", **WINDOW}),
    ("list_waiting_sms_conversations", {"phone_number": "18015557654", **WINDOW}),
    ("summarize_sms_inbox", {"agent": "Eva Fox", "phone_number": "18015557654", **WINDOW}),
    ("list_sms_changes", {"since": "2026-03-01", "agent": "Cy Dee", "phone_number": "18015557654"}),
]

COMMANDS = [
    ("list", "--limit", "200"),
    ("list", "--limit", "200", "--detail", "full"),
    ("get", "900001"),
    ("get", "900002"),
    ("search", "please", "call", "--limit", "100"),
    ("waiting", "--limit", "100"),
    ("summary", "--group-by", "agent"),
    ("changes", "--since", "2026-03-01", "--limit", "200"),
]

_OF_UNREADABLE = re.compile(r"[^.\n]+unreadable: [0-9]+\.\s*")
_OF_THE_MOMENT = {"as_of", "requests", "milliseconds", "waiting_seconds", "never_answered"}


@pytest.fixture(scope="module")
def soiled() -> Iterator[FaultServer]:
    changes = {"message": dirty("Success"), "request_id": dirty("abc"), "timestamp": dirty("now"), dirty("x"): 1}
    with FaultServer(pages_of(DIRTY, **changes)) as convirza:
        yield convirza


@pytest.fixture(scope="module")
def tidy() -> Iterator[FaultServer]:
    with FaultServer(pages_of(CLEAN)) as convirza:
        yield convirza


def without_the_moment(value: Any) -> Any:
    """The same without what differs from one call to the next, and without what only dirty rows have to say."""
    match value:
        case dict():
            return {
                key: without_the_moment(each)
                for key, each in value.items()
                if key not in _OF_THE_MOMENT and key != "unreadable"
                if key != "note" or not _OF_UNREADABLE.fullmatch(each or "")
            }
        case list():
            return [each for each in map(without_the_moment, value) if each != NOTHING]
        case str():
            # Up to now: a window without an end.
            value = re.sub(r"20\d\d-\d\d-\d\d[ T]\d\d:\d\d(:\d\d(\.\d+)?)?", "TIME", value)
            # Of a time that cannot be read nobody can say that there is none.
            value = value.replace(", never answered", "").replace("never answered", NOTHING)
            return re.sub(" +", " ", value) or NOTHING
        case _:
            return value


def test_the_rows_are_what_they_are_meant_to_be() -> None:
    assert clean(DIRT) == ""
    for soiled_row, row in zip(DIRTY, CLEAN, strict=True):
        assert {name: clean(soiled_row[name]) for name in TEXTS} == {name: row[name] for name in TEXTS}
        assert sum(map(bool, map(NEVER.search, leaves_of(soiled_row)))) >= len(TEXTS) + 4
    assert {name for name, _ in TOOL_CALLS} == {tool.name for tool in all_tools()}


@pytest.mark.parametrize(("tool", "arguments"), TOOL_CALLS, ids=str)
async def test_a_tool_answers_as_over_clean_rows(
    soiled: FaultServer, tidy: FaultServer, tool: str, arguments: dict[str, Any]
) -> None:
    async with server_over(soiled.base_url, TOKEN) as of_dirty, server_over(tidy.base_url, TOKEN) as of_clean:
        result = await of_dirty.call_tool(tool, arguments)
        truth = await of_clean.call_tool(tool, arguments)

    assert not result.is_error, block_of(result)
    assert_clean(block_of(result))
    assert_clean(result.structured_content)
    assert json.loads(block_of(result)) == result.structured_content
    assert result.structured_content is not None
    assert without_the_moment(result.structured_content) == without_the_moment(truth.structured_content)


async def test_a_status_that_reads_unread_is_taken_for_it() -> None:
    row = DOCUMENTED | {"conversation_id": 900_001, "unread_count": None}
    with (
        FaultServer(pages_of([row | {"conversation_status": dirty("unread")}])) as of_dirty,
        FaultServer(pages_of([row])) as of_clean,
    ):
        waiting: list[int] = []
        for convirza in (of_dirty, of_clean):
            async with server_over(convirza.base_url, TOKEN) as client:
                result = await client.call_tool("list_waiting_sms_conversations", WINDOW)
                assert result.structured_content is not None
                waiting.append(result.structured_content["waiting"])
    assert waiting == [1, 1]


async def test_what_could_not_be_read_is_counted(soiled: FaultServer) -> None:
    async with server_over(soiled.base_url, TOKEN) as client:
        result = await client.call_tool("list_sms_conversations", {"limit": 200, **WINDOW})

    assert result.structured_content is not None
    rows = result.structured_content["rows"]
    unreadable = sum(row[0] % 2 for row in rows)
    assert len(rows) == COUNT * 2 // 3
    counted = ", ".join(f"{name} ({unreadable})" for name in sorted(OTHERS))
    assert result.structured_content["unreadable"].endswith(f": {counted}")


async def test_a_prompt_with_dirty_arguments_is_clean(tidy: FaultServer) -> None:
    async with server_over(tidy.base_url, TOKEN) as client:
        for prompt in PROMPTS.values():
            plain = {each.name: each.choices[-1] if each.choices else "24h" for each in prompt.arguments}
            plain |= {each.name: "now" for each in prompt.arguments if each.bound == "end"}
            asked = await client.get_prompt(prompt.name, {name: dirty(text) for name, text in plain.items()})
            truth = await client.get_prompt(prompt.name, plain)
            (message,) = asked.messages
            assert isinstance(message.content, TextContent)
            assert_clean(message.content.text)
            assert asked.messages == truth.messages


def run(convirza: FaultServer, *arguments: str, **environment: str) -> tuple[int, bytes, str]:
    reached = {"CONVIRZA_TOKEN": TOKEN, "CONVIRZA_BASE_URL": convirza.base_url, "CONVIRZA_TIMEZONE": "UTC"}
    window = () if arguments[0] == "changes" else ("--start", WINDOW["start"], "--end", WINDOW["end"])
    result = CliRunner().invoke(commands, [*arguments, *window], env={"COLUMNS": "160"} | reached | environment)
    return result.exit_code, result.stdout_bytes, result.stderr


@pytest.mark.parametrize("arguments", COMMANDS, ids=" ".join)
def test_a_command_prints_as_over_clean_rows(
    soiled: FaultServer, tidy: FaultServer, arguments: tuple[str, ...]
) -> None:
    code, out, err = run(soiled, *arguments, "--json")
    true_code, true_out, _ = run(tidy, *arguments, "--json")
    assert code == true_code == 0, err
    document, truth = json.loads(out), json.loads(true_out)
    assert_clean(document)
    document.pop("dropped", None)
    truth.pop("dropped", None)
    assert without_the_moment(document) == without_the_moment(truth)

    code, out, err = run(soiled, *arguments)
    assert code == 0
    assert NEVER.search(out.decode()) is None
    assert NEVER.search(err) is None
    same = re.sub(r"[^\n]+:(\s+[a-z_]+\s+\([0-9]+\),?)+\n", "", out.decode())
    same = _OF_UNREADABLE.sub("", same)
    assert without_the_moment(same) == without_the_moment(run(tidy, *arguments)[1].decode())


@pytest.mark.parametrize("form", ["csv", "jsonl"])
def test_an_export_is_the_one_over_clean_rows(soiled: FaultServer, tidy: FaultServer, form: str) -> None:
    options = ("export", "--format", form, "--output", "-", "--type", "all")
    code, out, err = run(soiled, *options)
    assert (code, NEVER.search(err)) == (0, None)
    assert out == run(tidy, *options)[1]
    text = out.decode()
    rows = (
        list(csv.DictReader(io.StringIO(text, newline="")))
        if form == "csv"
        else list(map(json.loads, text.splitlines()))
    )
    assert_clean(rows)
    assert len(rows) == COUNT
