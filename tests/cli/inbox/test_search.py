"""`convirza-mcp search`, as a person and as a script would run it."""

import json
from collections.abc import Iterator
from datetime import UTC, datetime

import pytest
from click.testing import CliRunner, Result

from convirza_mcp.answers.records import FULL_COLUMNS
from convirza_mcp.cli.inbox.search import command
from convirza_mcp.errors import InvalidArgumentError
from convirza_mcp.sandbox import Sandbox
from support.snapshots import assert_is_snapshot

NOW = datetime(2026, 3, 6, 16, 12, tzinfo=UTC)
WINDOW = ("--start", "2026-03-01", "--end", "2026-03-06")


def run(sandbox: Sandbox, *arguments: str, **settings: str) -> Result:
    environment = {
        "CONVIRZA_TOKEN": sandbox.token,
        "CONVIRZA_BASE_URL": sandbox.base_url,
        "CONVIRZA_TIMEZONE": "America/Denver",
        "COLUMNS": "160",
    }
    return CliRunner().invoke(command, [*arguments, *WINDOW], env=environment | settings)


@pytest.fixture(scope="module")
def sandbox() -> Iterator[Sandbox]:
    with Sandbox(now=NOW) as sandbox:
        yield sandbox


def test_hits_read_as_agreed(sandbox: Sandbox) -> None:
    results = [run(sandbox, *words) for words in (("call", "BACK"), ('"call me back"', "--limit", "2"), ("zyxwv",))]

    assert [each.exit_code for each in results] == [0, 0, 0]
    assert_is_snapshot("\n".join(each.stdout for each in results), "cli_search_sms_messages.txt")


def test_json_has_fixed_keys_and_counts(sandbox: Sandbox) -> None:
    document = json.loads(run(sandbox, "call", "back", "--limit", "3", "--json").stdout)

    bounds = {"start": datetime(2026, 3, 1, 7, tzinfo=UTC), "end": datetime(2026, 3, 7, 6, 59, 59, tzinfo=UTC)}
    closed = {each["conversation_id"] for each in sandbox.ask(type="close", **bounds).rows}
    everything = [each for view in ("allOpen", "close") for each in sandbox.ask(type=view, **bounds).rows]
    texts = [f"{each['message']}\n{each['source_name']}".lower() for each in everything]
    matches = sum("call" in text and "back" in text for text in texts)
    assert list(document) == [
        "type",
        "narrowed_by",
        "candidates",
        "window",
        "matches",
        "left_out",
        "coverage",
        "conversations",
    ]
    assert (document["matches"], document["left_out"]) == (matches, matches - 3)
    assert document["coverage"]["read"] == len(everything)
    for each in document["conversations"]:
        assert list(each) == [*FULL_COLUMNS, "closed"]
        assert each["closed"] == (each["conversation_id"] in closed)


def test_nothing_to_search_for_is_refused(sandbox: Sandbox) -> None:
    before = len(sandbox.requests)

    result = run(sandbox, "?!")

    assert isinstance(result.exception, InvalidArgumentError)
    assert len(sandbox.requests) == before


@pytest.mark.parametrize("width", [60, 160])
def test_hits_stand_out_on_a_terminal_and_markup_stays_a_message(width: int) -> None:
    terminal = {"FORCE_COLOR": "1", "TERM": "xterm", "COLORTERM": "", "NO_COLOR": "", "COLUMNS": str(width)}
    with Sandbox(now=NOW, texts=["[bold red]buy[/bold red] a bicycle [/]"]) as sandbox:
        number = sandbox.ask(start=datetime(2026, 3, 2, tzinfo=UTC), end=NOW).rows[0]["source"]
        result = run(sandbox, "bicycle", number[-10:], "--limit", "1", **terminal)

    assert result.exit_code == 0
    assert "[bold red]buy[/bold red] a \x1b[1;30;43mbicycle\x1b[0m [/]" in result.stdout
    assert f"\x1b[1;30;43m{number}\x1b[0m" in result.stdout


def test_the_options_are_the_tool_s_parameters_but_for_the_query() -> None:
    shown = CliRunner().invoke(command, ["--help"]).stdout

    assert "QUERY..." in shown
    assert "--query" not in shown
    for name in ("type", "agent", "phone-number", "start", "end", "limit", "json"):
        assert f"--{name} " in shown
