"""`convirza-mcp list`, as a person and as a script would run it."""

from rich.cells import cell_len

from convirza_mcp.sandbox import Sandbox
from support.commands import WINDOW, run
from support.snapshots import Snapshot, assert_is_snapshot


def test_a_page_reads_as_agreed(inbox: Sandbox) -> None:
    result = run(inbox, "list", *WINDOW)

    assert (result.exit_code, result.stderr) == (0, "")
    assert_is_snapshot(result.stdout, "cli_list.txt")


def test_a_page_in_full_reads_as_agreed(inbox: Sandbox) -> None:
    result = run(inbox, "list", *WINDOW, "--detail", "full", "--limit", "2")

    assert (result.exit_code, result.stderr) == (0, "")
    assert_is_snapshot(result.stdout, "cli_list_full.txt")


def test_json_has_fixed_keys_and_iso_times(inbox: Sandbox) -> None:
    result = run(inbox, "list", *WINDOW, "--type", "close", "--limit", "3", "--order", "asc", "--json")

    assert_is_snapshot(result.stdout, "cli_list.json")


def test_on_a_narrow_terminal_nothing_is_left_out(inbox: Sandbox) -> None:
    result = run(inbox, "list", *WINDOW, "--limit", "3", COLUMNS="60")

    assert_is_snapshot(result.stdout, "cli_list_narrow.txt")
    assert max(map(cell_len, result.stdout.splitlines())) <= 60


def test_all_fields_stand_below_their_names_on_a_narrow_terminal(inbox: Sandbox) -> None:
    result = run(inbox, "list", *WINDOW, "--detail", "full", "--limit", "1", COLUMNS="40")

    assert_is_snapshot(result.stdout, "cli_list_full_narrow.txt")
    assert max(map(cell_len, result.stdout.splitlines())) <= 40


def test_an_empty_page_says_what_was_asked(inbox: Sandbox, snapshot: Snapshot) -> None:
    result = run(inbox, "list", *WINDOW, "--search", "no such contact")

    snapshot(result.exit_code, result.stdout)
