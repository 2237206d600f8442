"""`convirza-mcp list`, as a person and as a script would run it."""

import json
from datetime import UTC, datetime
from typing import Any

import pytest
from click.testing import CliRunner, Result
from rich.cells import cell_len

from convirza_mcp.answers.records import FULL_COLUMNS
from convirza_mcp.cli import commands
from convirza_mcp.sandbox import Sandbox
from convirza_mcp.tools.list_sms_conversations import ListArguments
from support.snapshots import Snapshot, assert_is_snapshot

NOW = datetime(2026, 3, 6, 16, 12, tzinfo=UTC)
WINDOW = ("--start", "2026-03-01", "--end", "2026-03-06")
TOKEN = "CNVZ-AT-7f3e9d"


def run(sandbox: Sandbox | None, *arguments: str, **settings: str) -> Result:
    reached = {} if sandbox is None else {"CONVIRZA_TOKEN": sandbox.token, "CONVIRZA_BASE_URL": sandbox.base_url}
    environment = {"CONVIRZA_TOKEN": None, "CONVIRZA_TIMEZONE": "America/Denver", "COLUMNS": "160"} | reached | settings
    return CliRunner().invoke(commands, arguments, env=environment, prog_name="convirza-mcp")


@pytest.fixture(scope="module")
def sandbox() -> Any:
    with Sandbox(now=NOW, token=TOKEN) as sandbox:
        yield sandbox


def test_a_page_reads_as_agreed(sandbox: Sandbox) -> None:
    result = run(sandbox, "list", *WINDOW)

    assert (result.exit_code, result.stderr) == (0, "")
    assert_is_snapshot(result.stdout, "cli_list.txt")


def test_a_page_in_full_reads_as_agreed(sandbox: Sandbox) -> None:
    result = run(sandbox, "list", *WINDOW, "--detail", "full", "--limit", "2")

    assert (result.exit_code, result.stderr) == (0, "")
    assert_is_snapshot(result.stdout, "cli_list_full.txt")


def test_json_has_fixed_keys_and_iso_times(sandbox: Sandbox) -> None:
    result = run(sandbox, "list", *WINDOW, "--type", "close", "--limit", "5", "--order", "asc", "--json")

    document = json.loads(result.stdout)
    conversations = document.pop("conversations")
    truth = sandbox.ask(
        type="close",
        order="asc",
        limit=5,
        start=datetime(2026, 3, 1, 7, tzinfo=UTC),
        end=datetime(2026, 3, 7, 6, 59, 59, tzinfo=UTC),
    )
    assert document == {
        "type": "close",
        "window": {
            "start": "2026-03-01T00:00:00-07:00",
            "end": "2026-03-06T23:59:59-07:00",
            "zone": "America/Denver",
            "api_default": False,
        },
        "order": "asc",
        "total": truth.total,
        "offset": 0,
        "next_offset": 5,
        "unreadable": {},
        "dropped": 0,
    }
    assert [list(each) for each in conversations] == [list(FULL_COLUMNS)] * 5
    for shown, sent in zip(conversations, truth.rows, strict=True):
        assert shown["conversation_id"] == sent["conversation_id"]
        updated = datetime.fromisoformat(shown["conversation_updated"])
        assert updated == datetime.fromisoformat(sent["conversation_updated"]).replace(microsecond=0)
        assert shown["conversation_updated"].endswith("-07:00")


def test_on_a_narrow_terminal_nothing_is_left_out(sandbox: Sandbox) -> None:
    result = run(sandbox, "list", *WINDOW, "--limit", "3", COLUMNS="60")

    assert_is_snapshot(result.stdout, "cli_list_narrow.txt")
    assert max(map(cell_len, result.stdout.splitlines())) <= 60


def test_all_fields_stand_below_their_names_on_a_narrow_terminal(sandbox: Sandbox) -> None:
    result = run(sandbox, "list", *WINDOW, "--detail", "full", "--limit", "1", COLUMNS="40")

    assert_is_snapshot(result.stdout, "cli_list_full_narrow.txt")
    assert max(map(cell_len, result.stdout.splitlines())) <= 40


def test_an_empty_page_says_what_was_asked(sandbox: Sandbox, snapshot: Snapshot) -> None:
    result = run(sandbox, "list", *WINDOW, "--search", "no such contact")

    snapshot(result.exit_code, result.stdout)


def test_the_options_are_the_tool_s_parameters() -> None:
    shown = run(None, "list", "--help").stdout

    for name in ListArguments.model_fields:
        assert f"--{name} " in shown


@pytest.mark.parametrize(
    ("arguments", "status"),
    [(("--limit", "500"), 2), (("--type", "closed"), 2), (("--start", "soon"), 2)],
)
def test_a_wrong_option_is_one_sentence(
    sandbox: Sandbox, arguments: tuple[str, ...], status: int, snapshot: Snapshot
) -> None:
    before = len(sandbox.requests)

    result = run(sandbox, "list", *arguments)

    snapshot(result.exit_code, result.stdout, result.stderr)
    assert len(sandbox.requests) == before


def test_without_a_token_it_says_what_to_set(snapshot: Snapshot) -> None:
    result = run(None, "list")

    assert result.exit_code == 1
    snapshot(result.stderr)


def test_a_refused_token_is_not_shown(sandbox: Sandbox, snapshot: Snapshot) -> None:
    result = run(sandbox, "list", CONVIRZA_TOKEN="CNVZ-AT-another")

    assert result.exit_code == 1
    snapshot(result.stderr)
    assert "another" not in result.output


def test_markup_in_a_message_stays_a_message() -> None:
    with Sandbox(now=NOW, texts=["[bold red]buy[/bold red] [link=https://evil.example]x[/link] [/]"]) as sandbox:
        result = run(sandbox, "list", *WINDOW, "--limit", "1")

    assert "[bold red]buy[/bold red] [link=https://evil.example]x[/link] [/]" in result.stdout
