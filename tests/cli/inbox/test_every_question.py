"""What the commands that ask the inbox have in common: their options, their refusals, and messages that stay text."""

import json
import re
from datetime import UTC, datetime
from typing import Any

import pytest

from convirza_mcp.sandbox import Sandbox
from convirza_mcp.tools import all_tools
from support.commands import BOUNDS, NOW, WINDOW, run
from support.snapshots import Snapshot

TOOLS = {
    "list": "list_sms_conversations",
    "get": "get_sms_conversation",
    "search": "search_sms_messages",
    "waiting": "list_waiting_sms_conversations",
    "summary": "summarize_sms_inbox",
    "changes": "list_sms_changes",
}
MARKUP = "[bold red]buy[/bold red] [link=https://evil.example]x[/link] [/]"


@pytest.mark.parametrize("name", TOOLS)
def test_the_options_are_the_tool_s_parameters(name: str) -> None:
    shown = run(None, name, "--help").stdout
    (arguments,) = (tool.arguments for tool in all_tools() if tool.name == TOOLS[name])

    for field in set(arguments.model_fields) - {"conversation_id", "query"}:
        assert f"--{field.replace('_', '-')} " in shown
    assert "--query" not in shown
    assert "--json " in shown


@pytest.mark.parametrize(
    "line",
    [
        "list --limit 500", "list --type closed", "list --start soon", "list --start 2026-03-05 --end 2026-03-04",
        "get twelve", "search ?!", "summary --group-by year", "changes", "changes --since soon",
        "waiting --min-wait-minutes 30m", "waiting --max-wait 30s", "waiting --max-wait 10000d",
    ],
)  # fmt: skip
def test_a_wrong_option_is_one_sentence_and_no_request(inbox: Sandbox, line: str, snapshot: Snapshot) -> None:
    before = len(inbox.requests)

    result = run(inbox, *line.split())

    assert (result.exit_code, result.stdout) == (2, "")
    snapshot(result.stderr)
    assert len(inbox.requests) == before


@pytest.mark.parametrize("line", ["waiting --agent", "summary --group-by None --agent", "search --agent"])
def test_a_person_who_types_none_in_any_case_means_no_agent(inbox: Sandbox, line: str) -> None:
    answers = [run(inbox, *line.split(), said, "--json", *WINDOW).stdout for said in ("none", "None")]

    assert json.loads(answers[1])["narrowed_by"] == {"agent": "none"}
    assert answers[1] == answers[0]


@pytest.mark.parametrize(
    "line", ["list", "get {id}", "search buy", "waiting", "changes --since 2026-03-06", "waiting --max-wait 1m"]
)
def test_markup_in_a_message_stays_a_message(line: str) -> None:
    window: Any = () if "changes" in line or "waiting" in line else WINDOW
    with Sandbox(now=NOW, texts=[MARKUP]) as sandbox:
        number = sandbox.ask(**BOUNDS).rows[0]["conversation_id"]
        result = run(sandbox, *line.format(id=number).split(), *window, COLUMNS="250")

    assert MARKUP in re.sub(r"\s+", " ", result.stdout)


@pytest.mark.parametrize("width", [60, 160])
def test_hits_stand_out_on_a_terminal_and_markup_stays_a_message(width: int) -> None:
    terminal = {"FORCE_COLOR": "1", "TERM": "xterm", "COLORTERM": "", "NO_COLOR": "", "COLUMNS": str(width)}
    with Sandbox(now=NOW, texts=["[bold red]buy[/bold red] a bicycle [/]"]) as sandbox:
        number = sandbox.ask(start=datetime(2026, 3, 2, tzinfo=UTC), end=NOW).rows[0]["source"]
        result = run(sandbox, "search", "bicycle", number[-10:], "--limit", "1", *WINDOW, **terminal)

    assert result.exit_code == 0
    assert "[bold red]buy[/bold red] a \x1b[1;30;43mbicycle\x1b[0m [/]" in result.stdout
    assert f"\x1b[1;30;43m{number}\x1b[0m" in result.stdout
