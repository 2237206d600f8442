"""What the commands that ask the inbox print, whole: for a person on terminals of any width, and for a program."""

import pytest
from rich.cells import cell_len

from convirza_mcp.sandbox import Sandbox
from support.commands import BOUNDS, WINDOW, run
from support.snapshots import Snapshot, assert_is_snapshot

HOURS = {"CONVIRZA_BUSINESS_HOURS": "Mon-Fri 08:00-18:00"}
LATE = {"CONVIRZA_BUSINESS_HOURS": "Mon-Fri 08:00-18:00, Sat 09:00-13:00"}
IN_WINDOW = " ".join(WINDOW)
PRINTED: dict[str, tuple[str, dict[str, str]]] = {
    "cli_list.txt": (f"list {IN_WINDOW}", {}),
    "cli_list_full.txt": (f"list {IN_WINDOW} --detail full --limit 2", {}),
    "cli_list.json": (f"list {IN_WINDOW} --type close --limit 3 --order asc --json", {}),
    "cli_list_narrow.txt": (f"list {IN_WINDOW} --limit 3", {"COLUMNS": "60"}),
    "cli_list_full_narrow.txt": (f"list {IN_WINDOW} --detail full --limit 1", {"COLUMNS": "40"}),
    "cli_get_sms_conversation.txt": (f"get ID {IN_WINDOW}", {}),
    "cli_get.json": (f"get ID {IN_WINDOW} --json", {}),
    "cli_search.json": (f"search call back --limit 3 {IN_WINDOW} --json", {}),
    "cli_waiting.txt": ("waiting --limit 12", {}),
    "cli_waiting_late.txt": ("waiting --max-wait 7d --agent none --limit 5", LATE),
    "cli_waiting.json": ("waiting --limit 3 --json", {}),
    **{f"cli_summary_{by}.txt": (f"summary --group-by {by}", HOURS) for by in ("none", "agent", "hour", "weekday")},
    "cli_summary.json": ("summary --group-by status --type allOpen --json", {}),
}


def id_with_others(inbox: Sandbox) -> str:
    """Return the id of a conversation whose contact has the most."""
    rows = [each for view in ("allOpen", "close") for each in inbox.ask(type=view, **BOUNDS).rows]
    found = max(rows, key=lambda row: (sum(each["source"] == row["source"] for each in rows), row["conversation_id"]))
    return str(found["conversation_id"])


@pytest.mark.parametrize("name", PRINTED)
def test_a_command_prints_what_was_agreed(inbox: Sandbox, name: str) -> None:
    line, settings = PRINTED[name]

    result = run(inbox, *line.replace("ID", id_with_others(inbox)).split(), **settings)

    assert (result.exit_code, result.stderr) == (int("late" in name), "")
    assert_is_snapshot(result.stdout, name)
    if "COLUMNS" in settings:
        assert max(map(cell_len, result.stdout.splitlines())) <= int(settings["COLUMNS"])


def test_hits_read_as_agreed(inbox: Sandbox) -> None:
    results = [
        run(inbox, "search", *words, *WINDOW)
        for words in (("call", "BACK"), ('"call me back"', "--limit", "2"), ("zyxwv",))
    ]

    assert [each.exit_code for each in results] == [0, 0, 0]
    assert_is_snapshot("\n".join(each.stdout for each in results), "cli_search_sms_messages.txt")


def test_an_empty_page_says_what_was_asked(inbox: Sandbox, snapshot: Snapshot) -> None:
    result = run(inbox, "list", *WINDOW, "--search", "no such contact")

    snapshot(result.exit_code, result.stdout)


def test_an_unknown_id_is_an_error_that_names_the_windows_option(inbox: Sandbox) -> None:
    result = run(inbox, "get", "0", *WINDOW)

    assert result.exit_code == 1
    assert result.stderr.startswith("convirza-mcp: `CONVERSATION_ID` ")
    assert "`--start`" in result.stderr
