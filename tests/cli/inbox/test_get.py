"""`convirza-mcp get`, as a person and as a script would run it."""

import json
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import pytest
from click.testing import CliRunner, Result

from convirza_mcp.answers.records import FULL_COLUMNS
from convirza_mcp.cli.inbox.get import command
from convirza_mcp.errors import ConversationNotFoundError, InvalidArgumentError
from convirza_mcp.sandbox import Sandbox
from support.snapshots import assert_is_snapshot

NOW = datetime(2026, 3, 6, 16, 12, tzinfo=UTC)
BOUNDS = {"start": datetime(2026, 3, 1, 7, tzinfo=UTC), "end": datetime(2026, 3, 7, 6, 59, 59, tzinfo=UTC)}
WINDOW = ("--start", "2026-03-01", "--end", "2026-03-06")


def run(sandbox: Sandbox, *arguments: str) -> Result:
    environment = {
        "CONVIRZA_TOKEN": sandbox.token,
        "CONVIRZA_BASE_URL": sandbox.base_url,
        "CONVIRZA_TIMEZONE": "America/Denver",
        "COLUMNS": "160",
    }
    return CliRunner().invoke(command, [*arguments, *WINDOW], env=environment)


@pytest.fixture(scope="module")
def sandbox() -> Iterator[Sandbox]:
    with Sandbox(now=NOW) as sandbox:
        yield sandbox


def rows(sandbox: Sandbox) -> list[dict[str, Any]]:
    return [each for view in ("allOpen", "close") for each in sandbox.ask(type=view, **BOUNDS).rows]


def with_others(sandbox: Sandbox) -> dict[str, Any]:
    everything = rows(sandbox)
    return max(
        everything,
        key=lambda row: (sum(each["source"] == row["source"] for each in everything), row["conversation_id"]),
    )


def test_a_conversation_reads_as_agreed(sandbox: Sandbox) -> None:
    result = run(sandbox, str(with_others(sandbox)["conversation_id"]))

    assert (result.exit_code, result.stderr) == (0, "")
    assert_is_snapshot(result.stdout, "cli_get_sms_conversation.txt")


def test_json_has_fixed_keys(sandbox: Sandbox) -> None:
    wanted = with_others(sandbox)

    document = json.loads(run(sandbox, str(wanted["conversation_id"]), "--json").stdout)

    assert list(document) == [
        "window", "as_of", "requests", "view", "notes", "unreadable", "conversation", "others",
    ]  # fmt: skip
    assert list(document["conversation"]) == [*FULL_COLUMNS, "closed"]
    assert document["conversation"]["conversation_id"] == wanted["conversation_id"]
    assert {each["conversation_id"] for each in document["others"]} == {
        each["conversation_id"]
        for each in rows(sandbox)
        if each["source"] == wanted["source"] and each["conversation_id"] != wanted["conversation_id"]
    }


def test_an_unknown_id_and_a_wrong_one(sandbox: Sandbox) -> None:
    assert isinstance(run(sandbox, "0").exception, ConversationNotFoundError)
    assert isinstance(run(sandbox, "twelve").exception, InvalidArgumentError)


def test_markup_in_a_message_stays_a_message() -> None:
    with Sandbox(now=NOW, texts=["[bold red]buy[/bold red] [/]"]) as sandbox:
        result = run(sandbox, str(rows(sandbox)[0]["conversation_id"]))

    assert "[bold red]buy[/bold red] [/]" in result.stdout
