"""`convirza-mcp changes`, as a person and as a script would run it."""

import json
from datetime import datetime

from convirza_mcp.answers.records import FULL_COLUMNS
from convirza_mcp.sandbox import Sandbox
from support.commands import NOW, run
from support.snapshots import assert_is_snapshot

# Since then nothing has changed after `NOW`, whatever the real clock says.
SINCE = ("--since", "2026-03-06T00:00:00Z")


def test_json_has_fixed_keys_and_goes_on_from_its_cursor(inbox: Sandbox) -> None:
    expected = sorted(
        (each["conversation_updated"], each["conversation_id"])
        for each in inbox.conversations
        if each["conversation_updated"] > "2026-03-06T00:00:00.000Z"
    )
    since, found = SINCE, []
    more = True
    while more:
        result = run(inbox, "changes", *since, "--limit", "5", "--json")
        assert (result.exit_code, result.stderr) == (0, "")
        document = json.loads(result.stdout)
        assert list(document) == [
            "type", "narrowed_by", "candidates", "since", "window", "cursor", "more", "changes", "undated", "ahead",
            "coverage", "cannot_see", "note", "conversations",
        ]  # fmt: skip
        assert document["coverage"]["complete"]
        found += document["conversations"]
        since, more = ("--since", document["cursor"]), document["more"]

    assert [each["conversation_id"] for each in found] == [conversation_id for _, conversation_id in expected]
    closed = inbox.ids("close")
    for each in found:
        assert list(each) == [*FULL_COLUMNS, "state"]
        assert each["state"] == ("closed" if each["conversation_id"] in closed else "open")
        assert datetime.fromisoformat(each["conversation_updated"]).utcoffset() is not None


def test_a_table_ends_with_the_cursor(inbox: Sandbox) -> None:
    result = run(inbox, "changes", *SINCE, "--limit", "3")

    lines = result.stdout.splitlines()
    assert (result.exit_code, result.stderr) == (0, "")
    assert lines[0].split() == ["Id", "Updated", "Contact", "Number", "Unread", "Agent", "Latest", "message", "State"]
    assert "3 of " in lines[-2]
    cursor = json.loads(run(inbox, "changes", *SINCE, "--limit", "3", "--json").stdout)["cursor"]
    assert lines[-1] == f"more follow · --since {cursor}"
    # All but the line that names the window, which ends at the real now.
    assert_is_snapshot("\n".join([*lines[:-2], lines[-1], ""]), "cli_changes.txt")


def test_nothing_new_says_so_and_keeps_the_cursor(inbox: Sandbox) -> None:
    cursor = "2026-03-06T16:12:00.000000Z~end"

    result = run(inbox, "changes", "--since", cursor)

    assert result.exit_code == 0
    assert "Nothing has changed" in result.stdout
    assert result.stdout.endswith(f"--since {cursor}\n")


def test_a_reading_cut_short_exits_with_1() -> None:
    with Sandbox(now=NOW, delay=1.0) as slow:
        result = run(slow, "changes", *SINCE, CONVIRZA_TIMEOUT="2")

    assert result.exit_code == 1
    assert "Not complete: time: " in result.stdout
    assert result.stdout.endswith("more follow · --since 2026-03-06T00:00:00.000000Z~end\n")
