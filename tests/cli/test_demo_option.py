"""Every command that reads asks the invented inbox, where that is wished."""

import json
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from convirza_mcp.cli import commands
from convirza_mcp.sandbox import Sandbox
from support.snapshots import Snapshot

READING = {
    "list": ["list", "--json"],
    "waiting": ["waiting", "--json"],
    "summary": ["summary", "--json"],
    "search": ["search", "refund", "--json"],
    "get": ["get", "911483", "--json"],
    "changes": ["changes", "--since", "7d", "--json"],
    "status": ["status", "--json"],
}
# Whatever is configured for an account, and however wrongly.
ACCOUNT = {
    "CONVIRZA_TOKEN": "two words",
    "CONVIRZA_TOKEN_FILE": "/no/such/file",
    "CONVIRZA_BASE_URL": "http://127.0.0.1:9/v3",
    "CONVIRZA_OAUTH_URL": "nowhere",
}


def run(*arguments: str, **settings: str) -> Result:
    environment = {"CONVIRZA_TIMEZONE": "UTC", "CONVIRZA_DEMO": None}
    return CliRunner().invoke(commands, arguments, env=environment | settings, prog_name="convirza-mcp")


@pytest.mark.parametrize(("name", "by_variable"), [*((name, False) for name in READING), ("list", True)])
def test_demo_needs_no_account_whatever_is_set(name: str, by_variable: bool, snapshot: Snapshot) -> None:
    wished = {"CONVIRZA_DEMO": "true"} if by_variable else {}

    result = run(*READING[name], *([] if by_variable else ["--demo"]), **ACCOUNT, **wished)

    snapshot.shared(result.exit_code, result.stderr)
    assert json.loads(result.stdout).get("conversations") != []


def test_what_it_asks_is_the_inbox_of_the_sandbox() -> None:
    listed = json.loads(run("list", "--limit", "200", "--demo", "--json").stdout)

    assert {each["conversation_id"] for each in listed["conversations"]} == {
        row["conversation_id"] for row in Sandbox().ask().rows
    }


def test_an_export_goes_to_its_file(tmp_path: Path) -> None:
    file = tmp_path / "inbox.csv"

    result = run("export", "--output", str(file), "--demo", **ACCOUNT)

    assert result.exit_code == 0
    assert "Demo inbox" in result.stderr
    assert result.stderr.endswith(" · complete\n")
    assert len(file.read_bytes().split(b"\r\n")) > 100


def test_the_status_says_that_no_credential_is_used(snapshot: Snapshot) -> None:
    shown = run("status", "--demo", **ACCOUNT).stdout

    snapshot(shown)


def test_what_else_is_set_counts_in_the_demo_too() -> None:
    shown = run("list", "--demo", CONVIRZA_PRIVACY="strict").stdout

    assert "contact-" in shown
    assert "Privacy " in shown


def test_a_value_that_is_neither_is_refused(snapshot: Snapshot) -> None:
    result = run("list", CONVIRZA_DEMO="maybe")

    snapshot(result.exit_code, result.stderr)


def test_without_either_an_account_is_needed(tmp_path: Path, snapshot: Snapshot) -> None:
    result = run("waiting", XDG_STATE_HOME=str(tmp_path))

    assert result.exit_code == 1
    snapshot(result.stderr)
    assert "add `--demo` to a command" in result.stderr
