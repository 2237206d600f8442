"""Entries that are judged, or left alone, without starting anything; and what is to be done about them."""

import sys
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from convirza_mcp.setup.clients.known import CLIENTS
from convirza_mcp.setup.clients.read_entries import ClientEntry
from convirza_mcp.setup.doctor.checks.client_entry import check_entry
from support.client_entries import CODE, DESKTOP, SECRET, SHELL, entry, ours, script
from support.snapshots import Snapshot

pytestmark = pytest.mark.skipif(
    sys.platform == "win32", reason="scripts have a first line that names their interpreter"
)


@pytest.mark.parametrize("command", ["/no/such/venv/bin/convirza-mcp", "convirza-mcp-that-is-gone", ""])
async def test_a_command_that_is_gone(command: str, snapshot: Snapshot) -> None:
    snapshot.shared(await check_entry(entry(command, "-m", "convirza_mcp"), DESKTOP, SHELL))


async def test_a_file_without_execute_permission_counts_as_gone(tmp_path: Path, snapshot: Snapshot) -> None:
    program = script(tmp_path, "#!/bin/sh\n", mode=0o644)

    verdict = await check_entry(entry(program), DESKTOP, SHELL)

    snapshot(verdict.detail)


async def test_a_setting_of_its_own_that_cannot_be_used(snapshot: Snapshot) -> None:
    snapshot(await check_entry(ours(CONVIRZA_TIMEZONE=SECRET), DESKTOP, SHELL))


async def test_a_folder_that_is_gone(tmp_path: Path, snapshot: Snapshot) -> None:
    verdicts = []
    for folder in (tmp_path / "x", tmp_path / (5_000 * "x")):
        server = {"command": sys.executable, "args": ["-m", "convirza_mcp"], "cwd": str(folder)}
        verdicts.append(await check_entry(ClientEntry(name="convirza", server=server), DESKTOP, SHELL))

    assert verdicts[0] == verdicts[1]
    snapshot(verdicts[0])


async def test_what_the_client_fills_in_is_not_started(snapshot: Snapshot) -> None:
    snapshot(await check_entry(entry("${userHome}/bin/convirza-mcp"), DESKTOP, SHELL))


def named(name: str, *arguments: str) -> ClientEntry:
    return replace(entry("/gone/convirza-mcp", *arguments), name=name)


async def test_the_remedy_is_the_command_for_that_client_and_entry(tmp_path: Path, snapshot: Snapshot) -> None:
    here = str(tmp_path)

    async def remedy(entry: ClientEntry, client: str) -> str | None:
        return (await check_entry(entry, CLIENTS[client], SHELL)).remedy

    snapshot(await remedy(named("inbox", "serve", "--demo"), "cursor"))
    snapshot(await remedy(named("`rm` x"), "windsurf"))
    with_file = {"command": "/gone/convirza-mcp", "env": {"CONVIRZA_TOKEN_FILE": __file__}}
    snapshot(await remedy(ClientEntry(name="sms", server=with_file), "cursor"))
    snapshot(await remedy(named("Convirza SMS"), "cursor"))
    # An entry for one folder goes before what `install` writes.
    snapshot(await remedy(replace(named("my-inbox"), project=here), "claude-code"))
    snapshot(await remedy(replace(named("`rm` x"), project=here), "claude-code"))


async def test_a_name_that_plays_tricks_is_tamed() -> None:
    tricky = replace(named("\x1b[2J\u202e" + "convirza" * 20), project="\x1b[2J/a/project" + "/x" * 200)

    detail = (await check_entry(tricky, CODE, SHELL)).detail

    assert detail.startswith('Its entry "[2Jconvirza')
    assert " for the folder [2J/a/project/x" in detail
    assert len(detail) < 320
    assert detail.isprintable()


@pytest.mark.parametrize("switch", [{"disabled": True}, {"enabled": False}])
async def test_what_is_switched_off_is_not_started(switch: dict[str, bool], snapshot: Snapshot) -> None:
    off = replace(ours(), server={**ours().server, **switch, "command": "/gone/convirza-mcp"})

    snapshot.shared(await check_entry(off, DESKTOP, SHELL))


@pytest.mark.parametrize(
    ("parts", "named_parts"),
    [
        ({"args": "serve --demo"}, "args"),
        ({"args": ["serve", 5]}, "args"),
        ({"env": {"CONVIRZA_TIMEOUT": 30}}, "env"),
        ({"args": None, "env": []}, "args and env"),
    ],
)
async def test_what_clients_need_not_take_is_a_fault(
    parts: dict[str, Any], named_parts: str, snapshot: Snapshot
) -> None:
    odd = replace(ours(), server={**ours().server, **parts})

    snapshot(await check_entry(odd, DESKTOP, SHELL))


@pytest.mark.parametrize(
    ("arguments", "environment"),
    [
        (["--demo"], {"CONVIRZA_TOKEN": ""}),
        (["--from-form"], {"CONVIRZA_TOKEN": "", "CONVIRZA_DEMO": "true"}),
        (["--from-form"], {"CONVIRZA_TOKEN": "", "CONVIRZA_TIMEZONE": " "}),
    ],
)
async def test_settings_are_judged_as_the_server_reads_them(
    arguments: list[str], environment: dict[str, str], snapshot: Snapshot
) -> None:
    # A program that is not there: nothing is started, and the settings come first.
    gone = entry("/gone/convirza-mcp", "serve", *arguments, **environment)

    snapshot.shared((await check_entry(gone, DESKTOP, SHELL)).detail)


async def test_a_token_file_is_looked_for_in_the_entry_s_folder(tmp_path: Path, snapshot: Snapshot) -> None:
    (tmp_path / "token").write_text("t")
    server = {"command": "/gone/convirza-mcp", "env": {"CONVIRZA_TOKEN_FILE": "token"}, "cwd": str(tmp_path)}

    verdict = await check_entry(ClientEntry(name="convirza", server=server), DESKTOP, SHELL)

    snapshot(verdict.detail)
