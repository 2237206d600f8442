"""`convirza-mcp get`, as a person and as a script would run it."""

from typing import Any

from convirza_mcp.sandbox import Sandbox
from support.commands import BOUNDS, WINDOW, run
from support.snapshots import assert_is_snapshot


def rows(inbox: Sandbox) -> list[dict[str, Any]]:
    return [each for view in ("allOpen", "close") for each in inbox.ask(type=view, **BOUNDS).rows]


def with_others(inbox: Sandbox) -> dict[str, Any]:
    everything = rows(inbox)
    return max(
        everything,
        key=lambda row: (sum(each["source"] == row["source"] for each in everything), row["conversation_id"]),
    )


def test_a_conversation_reads_as_agreed(inbox: Sandbox) -> None:
    result = run(inbox, "get", str(with_others(inbox)["conversation_id"]), *WINDOW)

    assert (result.exit_code, result.stderr) == (0, "")
    assert_is_snapshot(result.stdout, "cli_get_sms_conversation.txt")


def test_json_has_fixed_keys(inbox: Sandbox) -> None:
    result = run(inbox, "get", str(with_others(inbox)["conversation_id"]), *WINDOW, "--json")

    assert_is_snapshot(result.stdout, "cli_get.json")


def test_an_unknown_id_is_an_error_that_names_the_windows_option(inbox: Sandbox) -> None:
    result = run(inbox, "get", "0", *WINDOW)

    assert result.exit_code == 1
    assert result.stderr.startswith("convirza-mcp: `CONVERSATION_ID` ")
    assert "`--start`" in result.stderr
