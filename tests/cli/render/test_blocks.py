"""What a person reads on terminals of different widths: whole at each, in colour or without."""

import os
import re

import pytest
from click.testing import CliRunner
from rich.cells import cell_len

from convirza_mcp.cli import commands
from convirza_mcp.sandbox import Sandbox
from support.commands import NOW, WINDOW
from support.snapshots import assert_is_snapshot

LISTS = {
    "list": (*WINDOW, "--limit", "20"),
    "search": ("call", *WINDOW, "--limit", "20"),
    "waiting": ("--limit", "20"),
    "changes": ("--since", "2026-03-05T00:00:00Z", "--limit", "20"),
}
WIDTHS = (40, 60, 80, 100, 120, 160)


def settings_for(inbox: Sandbox, width: int) -> dict[str, str]:
    return {
        "CONVIRZA_TOKEN": inbox.token,
        "CONVIRZA_BASE_URL": inbox.base_url,
        "CONVIRZA_TIMEZONE": "America/Denver",
        "COLUMNS": str(width),
    }


def printed(inbox: Sandbox, width: int, *arguments: str) -> str:
    result = CliRunner().invoke(commands, arguments, env=settings_for(inbox, width), obj=lambda: NOW)
    assert (result.exit_code, result.stderr) == (0, "")
    # The cursor is never broken.
    lines = [line for line in result.stdout.splitlines() if "--since 20" not in line]
    assert max(map(cell_len, lines)) <= width
    return result.stdout


def words_of(row: dict[str, object]) -> list[str]:
    return re.findall(r"\w+", str(row["message"] or ""))


@pytest.mark.parametrize("width", WIDTHS)
@pytest.mark.parametrize("name", LISTS)
def test_every_row_is_whole_at_every_width(inbox: Sandbox, name: str, width: int) -> None:
    shown = printed(inbox, width, name, *LISTS[name])

    ids = re.findall(r"(?<!~)\b9[0-9]{5}\b", shown)
    by_id = {str(each["conversation_id"]): each for each in inbox.conversations}
    ids = [each for each in ids if each in by_id]
    assert len(ids) == len(set(ids)) == (20 if name != "search" else len(ids)) > 1
    for each in map(by_id.__getitem__, ids):
        assert str(each["source"]) in shown
        # The first words: lists cut long messages; and a long word may be broken where a line ends.
        assert name == "search" or all(word in shown for word in words_of(each)[:3])
    # A few lines a row, whatever the width.
    assert len(shown.splitlines()) <= 8 * len(ids)


@pytest.mark.parametrize("name", ["search", "waiting", "changes"])
def test_blocks_read_as_agreed(inbox: Sandbox, name: str) -> None:
    shown = printed(inbox, 60, name, *LISTS[name][:-1], "4")

    # A window without an end ends now.
    assert_is_snapshot(re.sub(r"(?m)^.* changes · all · .*\n.*\n", "", shown), f"cli_{name}_narrow.txt")


@pytest.mark.parametrize("width", [40, 60])
def test_figures_read_as_agreed(inbox: Sandbox, width: int) -> None:
    assert_is_snapshot(printed(inbox, width, "summary", "--group-by", "agent"), f"cli_summary_{width}.txt")


@pytest.mark.parametrize("by", ["agent", "hour"])
def test_no_figure_is_cut_at_any_width(inbox: Sandbox, by: str) -> None:
    wide = printed(inbox, 160, "summary", "--group-by", by)
    figures = sorted(re.findall(r"[0-9][0-9.hmsd%:]*", wide.replace("p90", "").split("\n\nall · ")[0]))
    for width in (40, 48, 56, 64, 72, 84, 96, 120):
        shown = printed(inbox, width, "summary", "--group-by", by).split("\n\nall · ")[0]
        for heading in ("p90", "within 15m", "Within 15m", "Within 5m", "Within\n15m"):
            shown = shown.replace(heading, "")
        assert "…" not in shown
        for figure in figures:
            assert figure in shown, width


def test_one_conversation_reads_as_agreed(inbox: Sandbox) -> None:
    contacts = [each["source"] for each in inbox.conversations if each["source"]]
    wanted = next(
        each
        for each in inbox.conversations
        if contacts.count(each["source"]) > 1 and "2026-03-02" < each["conversation_updated"] < "2026-03-06"
    )

    shown = printed(inbox, 40, "get", str(wanted["conversation_id"]), *WINDOW)

    assert_is_snapshot(shown, "cli_get_narrow.txt")


@pytest.mark.skipif(os.name == "nt", reason="terminals are POSIX here")
@pytest.mark.parametrize("no_color", [False, True])
def test_on_a_terminal_what_matters_stands_out_in_blocks(inbox: Sandbox, no_color: bool) -> None:
    from support.terminals import on_terminal

    settings = settings_for(inbox, 60) | {"TERM": "xterm", "CONVIRZA_TIMEOUT": "20"}
    settings |= {"NO_COLOR": "1"} if no_color else {}
    # The command's own clock goes on: a window of dates keeps the inbox in it.
    window = ("--start", "2026-02-04", "--end", "2026-03-06")
    with on_terminal("waiting", "--limit", "30", *window, **settings) as terminal:
        status = terminal.end()

    assert status == 0
    bold, yellow = ("\x1b[1m", "\x1b[1m") if no_color else ("\x1b[1;31m", "\x1b[1;33m")
    assert f"{bold}asked to stop\x1b[0m" in terminal.shown
    assert re.search(rf"{re.escape(yellow)}[0-9]+d( [0-9]+h)?\x1b\[0m", terminal.shown)
    # The bar of progress stood there, and is gone: only the terminal's own stderr sees it.
    assert "Reading the inbox" in terminal.shown


def test_there_is_no_bar_where_stderr_is_no_terminal(inbox: Sandbox) -> None:
    settings = settings_for(inbox, 60) | {"FORCE_COLOR": "1", "TTY_COMPATIBLE": "1", "TTY_INTERACTIVE": "1"}

    result = CliRunner().invoke(commands, ["waiting"], env=settings, obj=lambda: NOW)

    assert (result.exit_code, result.stderr) == (0, "")
