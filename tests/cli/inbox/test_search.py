"""`convirza-mcp search`, as a person and as a script would run it."""

from datetime import UTC, datetime

import pytest

from convirza_mcp.sandbox import Sandbox
from support.commands import NOW, WINDOW, run
from support.snapshots import assert_is_snapshot


def test_hits_read_as_agreed(inbox: Sandbox) -> None:
    results = [
        run(inbox, "search", *words, *WINDOW)
        for words in (("call", "BACK"), ('"call me back"', "--limit", "2"), ("zyxwv",))
    ]

    assert [each.exit_code for each in results] == [0, 0, 0]
    assert_is_snapshot("\n".join(each.stdout for each in results), "cli_search_sms_messages.txt")


def test_json_has_fixed_keys_and_counts(inbox: Sandbox) -> None:
    result = run(inbox, "search", "call", "back", "--limit", "3", *WINDOW, "--json")

    assert_is_snapshot(result.stdout, "cli_search.json")


@pytest.mark.parametrize("width", [60, 160])
def test_hits_stand_out_on_a_terminal_and_markup_stays_a_message(width: int) -> None:
    terminal = {"FORCE_COLOR": "1", "TERM": "xterm", "COLORTERM": "", "NO_COLOR": "", "COLUMNS": str(width)}
    with Sandbox(now=NOW, texts=["[bold red]buy[/bold red] a bicycle [/]"]) as sandbox:
        number = sandbox.ask(start=datetime(2026, 3, 2, tzinfo=UTC), end=NOW).rows[0]["source"]
        result = run(sandbox, "search", "bicycle", number[-10:], "--limit", "1", *WINDOW, **terminal)

    assert result.exit_code == 0
    assert "[bold red]buy[/bold red] a \x1b[1;30;43mbicycle\x1b[0m [/]" in result.stdout
    assert f"\x1b[1;30;43m{number}\x1b[0m" in result.stdout
