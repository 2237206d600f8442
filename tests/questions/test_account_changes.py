"""Another account's token in the middle of an answer: no command, no method and no file mixes two inboxes."""

import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from convirza_mcp import Inbox
from convirza_mcp.cli import commands
from convirza_mcp.errors import AccountChangedError
from faults import FaultServer
from faults.answers import JSON, whole
from faults.exchange import Exchange
from support.rows import envelope, row
from support.snapshots import Snapshot


def put(token_file: Path, token: str) -> None:
    token_file.write_text(token, encoding="utf-8")


class Changing:
    """An inbox of three pages. After the first of them another token stands in the file."""

    def __init__(self, token_file: Path) -> None:
        self._token_file = token_file

    async def __call__(self, exchange: Exchange) -> None:
        offset, limit = int(exchange.request.query["offset"]), int(exchange.request.query["limit"])
        rows = [row(each) for each in range(offset, min(offset + limit, 500))]
        page = envelope(rows, data={"total": 500, "conversation": rows})
        # Of another length, by which the file is known to have changed.
        put(self._token_file, "another-token")
        await exchange.send(whole(200, [JSON], json.dumps(page).encode()))


@pytest.fixture
def token_file(tmp_path: Path) -> Path:
    file = tmp_path / "token"
    file.write_text("token", encoding="utf-8")
    return file


@pytest.fixture
def convirza(token_file: Path) -> Iterator[FaultServer]:
    with FaultServer(Changing(token_file)) as convirza:
        yield convirza


def environment(convirza: FaultServer, token_file: Path) -> dict[str, str]:
    return {"CONVIRZA_TOKEN_FILE": str(token_file), "CONVIRZA_BASE_URL": convirza.base_url, "CONVIRZA_TIMEZONE": "UTC"}


def run(convirza: FaultServer, token_file: Path, *arguments: str) -> Result:
    unset = {"CONVIRZA_TOKEN": None}
    return CliRunner().invoke(commands, arguments, env=environment(convirza, token_file) | unset)


@pytest.mark.parametrize(
    "arguments",
    [
        ("list",),
        ("get", "5"),
        ("changes", "--since", "2026-01-01"),
        ("waiting",),
        ("summary",),
        ("search", "call"),
        ("export", "--output", "-", "--format", "jsonl"),
    ],
    ids=lambda arguments: arguments[0],
)
def test_a_command_gives_no_answer_of_two_accounts(
    convirza: FaultServer, token_file: Path, arguments: tuple[str, ...], snapshot: Snapshot
) -> None:
    ended = run(convirza, token_file, *arguments)

    assert (ended.exit_code, ended.stdout) == (1, "")
    snapshot.shared(ended.stderr)


def test_an_export_leaves_the_file_as_it_was(convirza: FaultServer, token_file: Path, tmp_path: Path) -> None:
    file = tmp_path / "inbox.csv"
    file.write_text("before", encoding="utf-8")

    ended = run(convirza, token_file, "export", "--output", str(file))

    assert ended.exit_code == 1
    assert file.read_text(encoding="utf-8") == "before"


async def test_no_method_of_an_inbox_does(convirza: FaultServer, token_file: Path) -> None:
    async with Inbox.from_environment(environment(convirza, token_file)) as inbox:
        for ask in (inbox.page, inbox.waiting, inbox.summary):
            put(token_file, "token")
            with pytest.raises(AccountChangedError):
                await ask()
        put(token_file, "token")
        scan, found = inbox.scan(), []
        with pytest.raises(AccountChangedError):
            found += [each async for each in scan]

    assert (found, scan.coverage.complete) == ([], False)
