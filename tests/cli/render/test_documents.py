"""What all commands have in common: fixed keys for programs, and a word on privacy for everybody."""

import json
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from convirza_mcp.answers.head import privacy_line
from convirza_mcp.cli import commands
from convirza_mcp.sandbox import Sandbox
from faults import FaultServer
from faults.answers import page
from support.rows import row

NOW = datetime.now(UTC)
COMMANDS = {
    "list": (),
    "get": ("1",),
    "search": ("call",),
    "waiting": (),
    "changes": ("--since", "2d"),
    "summary": ("--group-by", "agent"),
}
AT = (NOW - timedelta(days=1)).isoformat()
WHOLE = row(1, conversation_updated=AT)
# The same page again and again, of rows that cannot be read, and no total.
BROKEN = [row(1, conversation_updated=AT, source=None, pin=7, agent=[]), row(None), row(2, unread_count="x")]


@pytest.fixture
def whole() -> Iterator[FaultServer]:
    with FaultServer(page([WHOLE])) as convirza:
        yield convirza


def ran(name: str, base_url: str, *arguments: str, **settings: str) -> str:
    environment = {"CONVIRZA_TOKEN": "CNVZ-AT-7f3e9d", "CONVIRZA_BASE_URL": base_url, "COLUMNS": "400"} | settings
    result = CliRunner().invoke(commands, [name, *COMMANDS[name], *arguments], env=environment)
    assert result.stdout, result
    return result.stdout


def shape(document: Any) -> Any:
    """The keys all the way down, but for those of counts by field."""
    if not isinstance(document, dict):
        return None
    return {key: None if key == "unreadable" else shape(value) for key, value in document.items()}


@pytest.mark.parametrize("name", COMMANDS)
def test_a_document_has_the_same_keys_whatever_was_found(name: str, whole: FaultServer) -> None:
    with (
        FaultServer(page(BROKEN, data={"total": 400, "conversation": BROKEN})) as broken,
        FaultServer(page([], data={"total": 0, "conversation": []})) as empty,
        Sandbox(conversations=40, now=NOW) as sandbox,
    ):
        documents = [json.loads(ran(name, each.base_url, "--json")) for each in (whole, broken)]
        if name != "get":
            documents += [json.loads(ran(name, empty.base_url, "--json"))]
            documents += [json.loads(ran(name, sandbox.base_url, "--json", CONVIRZA_TOKEN=sandbox.token))]

    first, *others = map(shape, documents)
    assert others == [first] * len(others)
    assert [list(each) for each in documents] == [list(documents[0])] * len(documents)


@pytest.mark.parametrize("name", ["search", "waiting", "changes", "summary"])
def test_what_could_not_be_read_is_counted_and_said(name: str) -> None:
    rows = [WHOLE | {"conversation_id": 3, "pin": 7}, WHOLE | {"conversation_id": None}]
    with FaultServer(page(rows)) as convirza:
        document = json.loads(ran(name, convirza.base_url, "--json", "--type", "allOpen"))
        shown = ran(name, convirza.base_url, "--type", "allOpen")

    assert document["coverage"]["unreadable"] == {"conversation_id": 1, "pin": 1}
    assert any(line.endswith(": conversation_id (1, rows left out), pin (1)") for line in shown.splitlines())


def test_what_could_not_be_read_of_one_conversation_is_said() -> None:
    with FaultServer(page([WHOLE | {"pin": 7}])) as convirza:
        document = json.loads(ran("get", convirza.base_url, "--json"))
        shown = ran("get", convirza.base_url)

    assert document["unreadable"] == {"pin": 1}
    assert any(line.endswith(": pin (1)") for line in shown.splitlines())


@pytest.mark.parametrize("mode", ["off", "mask"])
@pytest.mark.parametrize("name", COMMANDS)
def test_every_command_says_the_privacy_mode(
    name: str, mode: Any, whole: FaultServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for variable in ("XDG_STATE_HOME", "HOME"):
        monkeypatch.setenv(variable, str(tmp_path))

    document = json.loads(ran(name, whole.base_url, "--json", CONVIRZA_PRIVACY=mode))
    shown = ran(name, whole.base_url, CONVIRZA_PRIVACY=mode).splitlines()

    line = privacy_line(mode)
    assert document.get("privacy") == line
    assert (f"Privacy {line}" in shown) == (line is not None)
    assert any(each.startswith("Privacy ") for each in shown) == (line is not None)
