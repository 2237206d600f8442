"""Client configurations as they lie on a disk, in a home folder of their own."""

import json
import sys
from pathlib import Path
from typing import Any

import pytest

from convirza_mcp.setup.clients.places import Machine
from convirza_mcp.setup.doctor.checks.client_entry import Shell
from convirza_mcp.setup.doctor.checks.clients import check_clients, need_no_token, read_clients
from convirza_mcp.setup.doctor.finding import Finding
from support.snapshots import Snapshot

SECRET = "CNVZ-AT-7f3e9d"
HERE = [sys.executable, "-m", "convirza_mcp", "serve"]

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="the home folder here is a POSIX one")


def entry(command: str = HERE[0], *arguments: str, **environment: str) -> dict[str, Any]:
    return {"command": command, "args": list(arguments or HERE[1:]), "env": environment}


def written(home: Path, place: str, content: Any) -> Path:
    file = home / place
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(content if isinstance(content, str) else json.dumps(content))
    return file


async def checked(home: Path) -> list[Finding]:
    """What comes of it where no host answers: entries are started and asked for their tools alone."""
    clients = read_clients(Machine("linux", str(home), {}))
    findings = await check_clients(clients, Shell(environ={}, source="none", host_answers=False))
    assert SECRET not in str(findings)
    return list(findings)


CLAUDE = ".config/Claude/claude_desktop_config.json"


NOT_STARTED = "${userHome}/bin/convirza-mcp"
"""A command that the client fills in: nothing is started, which takes longer than all the rest."""


async def test_no_client_that_names_the_server_is_skipped(tmp_path: Path, snapshot: Snapshot) -> None:
    written(tmp_path, CLAUDE, {"mcpServers": {"convirza": {"command": "node", "args": ["something-else"]}}})

    snapshot(await checked(tmp_path))


@pytest.mark.long
async def test_in_several_clients_in_their_own_formats(tmp_path: Path, snapshot: Snapshot) -> None:
    written(tmp_path, CLAUDE, {"mcpServers": {"convirza": entry(CONVIRZA_TOKEN=SECRET, CONVIRZA_TIMEZONE="UTC")}})
    project = {"mcpServers": {"inbox": entry(NOT_STARTED)}}
    written(tmp_path, ".claude.json", {"projects": {str(tmp_path): project, "/gone": project}})
    written(
        tmp_path,
        ".config/Code/User/mcp.json",
        '{"servers": {"convirza": ' + json.dumps(entry(CONVIRZA_TOKEN="${input:convirza-token}")) + ",},} // mine",
    )
    written(
        tmp_path,
        ".codex/config.toml",
        f'[mcp_servers.convirza]\ncommand = "{NOT_STARTED}"\nargs = ["-m", "convirza_mcp"]\n',
    )

    snapshot(await checked(tmp_path))


async def test_only_faulty_entries_of_several_are_named(tmp_path: Path, snapshot: Snapshot) -> None:
    servers = {"a": entry("/gone/convirza-mcp"), "b": entry(NOT_STARTED), "c": entry("/gone/convirza-mcp")}
    written(tmp_path, CLAUDE, {"mcpServers": servers})

    snapshot(await checked(tmp_path))


@pytest.mark.parametrize("content", ['{"mcpServers": {"convirza": ', '// comment\n{"mcpServers": {"convirza": {}}}'])
async def test_a_file_that_the_client_cannot_read(tmp_path: Path, content: str, snapshot: Snapshot) -> None:
    written(tmp_path, CLAUDE, content)

    snapshot.shared(await checked(tmp_path))


async def test_a_broken_file_that_does_not_name_this_server_is_left_alone(tmp_path: Path) -> None:
    written(tmp_path, CLAUDE, '{"mcpServers": {')

    assert [(each.name, each.ok) for each in await checked(tmp_path)] == [("clients", None)]


async def test_a_byte_order_mark_is_a_fault_where_the_client_does_not_read_it(
    tmp_path: Path, snapshot: Snapshot
) -> None:
    servers = "\ufeff" + json.dumps({"mcpServers": {"convirza": entry(NOT_STARTED)}})
    written(tmp_path, CLAUDE, servers)
    written(tmp_path, ".cursor/mcp.json", servers)
    gemini = written(tmp_path, ".gemini/settings.json", servers)

    desktop, cursor, gemini_cli = await checked(tmp_path)

    snapshot(desktop)
    assert cursor.ok
    assert gemini_cli.remedy == f"Save it as UTF-8 without one. The file is {gemini}."


async def test_an_unreadable_client_file_is_a_fault(tmp_path: Path, snapshot: Snapshot) -> None:
    file = written(tmp_path, CLAUDE, "")
    file.write_bytes(b"\xff convirza")

    snapshot(await checked(tmp_path))


@pytest.mark.parametrize(
    "content", ["convirza = " + "[" * 3_000, "convirza = " + "9" * 5_000, "convirza = "], ids=["deep", "long", "cut"]
)
async def test_one_odd_file_hides_no_other_client(tmp_path: Path, content: str, snapshot: Snapshot) -> None:
    written(tmp_path, ".codex/config.toml", content)
    written(tmp_path, CLAUDE, {"mcpServers": {"convirza": entry("/gone/convirza-mcp")}})

    desktop, codex = await checked(tmp_path)

    snapshot.shared(desktop.detail)
    snapshot.shared(codex.detail)


async def test_a_folder_that_cannot_be_looked_into_hides_no_other_client(tmp_path: Path) -> None:
    # As with one of another user, the system answers with another error than that it does not exist.
    nowhere = "/" + 5_000 * "x"
    written(tmp_path, CLAUDE, {"mcpServers": {"convirza": entry(NOT_STARTED)}})
    written(tmp_path, ".claude.json", {"projects": {nowhere: {"mcpServers": {"inbox": entry(NOT_STARTED)}}}})

    found = read_clients(Machine("linux", str(tmp_path), {"CODEX_HOME": nowhere}))

    assert [each.client.id for each in found] == ["claude-desktop"]


@pytest.mark.parametrize(
    "content", ["", "[]", "null", '{"mcpServers": []}', '{"mcpServers": {"convirza": 7}}', '{"projects": [7]}']
)
async def test_other_shapes_name_nothing(tmp_path: Path, content: str) -> None:
    written(tmp_path, CLAUDE, content)
    written(tmp_path, ".claude.json", content)

    assert [finding.name for finding in await checked(tmp_path)] == ["clients"]


@pytest.mark.parametrize(
    ("servers", "alone"),
    [
        ({}, False),
        ({"a": entry("uvx", "convirza-mcp", "--demo")}, True),
        ({"a": entry("uvx", "convirza-mcp", "--demo"), "b": entry(CONVIRZA_DEMO="true")}, True),
        ({"a": entry("uvx", "convirza-mcp", "--demo"), "b": entry(CONVIRZA_DEMO="false")}, False),
        ({"a": entry(CONVIRZA_DEMO="perhaps")}, False),
        ({"a": entry()}, False),
    ],
)
def test_whether_the_demo_alone_is_connected(tmp_path: Path, servers: Any, alone: bool) -> None:
    written(tmp_path, CLAUDE, {"mcpServers": servers})

    assert need_no_token(read_clients(Machine("linux", str(tmp_path), {}))) is alone
