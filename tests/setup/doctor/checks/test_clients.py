"""Client configurations as they lie on a disk, in a home folder of their own."""

import json
import sys
from pathlib import Path
from typing import Any

import pytest

from convirza_mcp.setup.clients.places import Machine
from convirza_mcp.setup.doctor.checks.client_entry import Shell
from convirza_mcp.setup.doctor.checks.clients import check_clients, is_demo_alone, read_clients
from convirza_mcp.setup.doctor.finding import Finding

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


async def test_nowhere(tmp_path: Path) -> None:
    written(tmp_path, CLAUDE, {"mcpServers": {"convirza": {"command": "node", "args": ["something-else"]}}})

    assert await checked(tmp_path) == [
        Finding(
            "clients",
            None,
            "skipped: no client's configuration names convirza-mcp.",
            "`convirza-mcp install` connects one, such as `convirza-mcp install claude-desktop`.",
        )
    ]


async def test_in_several_clients_in_their_own_formats(tmp_path: Path) -> None:
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

    assert await checked(tmp_path) == [
        Finding(
            "client: Claude Desktop",
            True,
            'Its entry "convirza" starts and has 6 tools, with CONVIRZA_TOKEN and CONVIRZA_TIMEZONE of its own.',
        ),
        Finding(
            "client: Claude Code",
            True,
            f'Its entry "inbox" for the folder {tmp_path} was not started: Claude Code alone knows the whole command.',
        ),
        Finding(
            "client: VS Code",
            True,
            'Its entry "convirza" starts and has 6 tools; VS Code fills in the token.',
        ),
        Finding("client: Codex", True, 'Its entry "convirza" was not started: Codex alone knows the whole command.'),
    ]


async def test_of_several_entries_only_the_faults_are_told(tmp_path: Path) -> None:
    servers = {"a": entry("/gone/convirza-mcp"), "b": entry(NOT_STARTED), "c": entry("/gone/convirza-mcp")}
    file = written(tmp_path, CLAUDE, {"mcpServers": servers})

    assert await checked(tmp_path) == [
        Finding(
            "client: Claude Desktop",
            False,
            'Its entry "a" starts a program that is gone. Its entry "c" starts a program that is gone.',
            "Run `convirza-mcp install claude-desktop --name a`, or correct the entry's command. "
            "Run `convirza-mcp install claude-desktop --name c`, or correct the entry's command. "
            f"The file is {file}.",
        )
    ]


@pytest.mark.parametrize("content", ['{"mcpServers": {"convirza": ', '// comment\n{"mcpServers": {"convirza": {}}}'])
async def test_a_file_that_the_client_cannot_read(tmp_path: Path, content: str) -> None:
    file = written(tmp_path, CLAUDE, content)

    assert await checked(tmp_path) == [
        Finding(
            "client: Claude Desktop",
            False,
            "Claude Desktop cannot read its configuration file, which is no valid JSON.",
            f"Repair {file}, or move it away and run `convirza-mcp install claude-desktop` again.",
        )
    ]


async def test_a_broken_file_that_does_not_name_this_server_is_mentioned(tmp_path: Path) -> None:
    file = written(tmp_path, CLAUDE, '{"mcpServers": {')

    assert await checked(tmp_path) == [
        Finding(
            "client: Claude Desktop",
            None,
            "skipped: nothing names convirza-mcp there. Claude Desktop cannot read its configuration file, which is no "
            "valid JSON.",
            f"Repair {file}.",
        )
    ]


async def test_a_byte_order_mark_is_a_fault_where_the_client_does_not_read_it(tmp_path: Path) -> None:
    servers = "\ufeff" + json.dumps({"mcpServers": {"convirza": entry(NOT_STARTED)}})
    file = written(tmp_path, CLAUDE, servers)
    written(tmp_path, ".cursor/mcp.json", servers)
    gemini = written(tmp_path, ".gemini/settings.json", servers)

    desktop, cursor, gemini_cli = await checked(tmp_path)

    assert (desktop.ok, desktop.detail, desktop.remedy) == (
        False,
        "Claude Desktop cannot read its configuration file, which begins with a byte-order mark.",
        f"Save {file} as UTF-8 without one, or run `convirza-mcp install claude-desktop`, which takes it out.",
    )
    assert cursor.ok
    assert gemini_cli.remedy == f"Save {gemini} as UTF-8 without one."


async def test_a_file_that_nobody_can_read(tmp_path: Path) -> None:
    file = written(tmp_path, CLAUDE, "")
    file.write_bytes(b"\xff convirza")

    assert await checked(tmp_path) == [
        Finding(
            "client: Claude Desktop",
            False,
            "Claude Desktop's configuration file is not UTF-8 text.",
            f"Save it as UTF-8, then run this again. The file is {file}.",
        )
    ]


@pytest.mark.parametrize(
    "content", ["convirza = " + "[" * 3_000, "convirza = " + "9" * 5_000, "convirza = "], ids=["deep", "long", "cut"]
)
async def test_one_odd_file_hides_no_other_client(tmp_path: Path, content: str) -> None:
    written(tmp_path, ".codex/config.toml", content)
    written(tmp_path, CLAUDE, {"mcpServers": {"convirza": entry("/gone/convirza-mcp")}})

    desktop, codex = await checked(tmp_path)

    assert desktop.detail == 'Its entry "convirza" starts a program that is gone.'
    assert codex.detail == "Codex cannot read its configuration file, which is no valid TOML."


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

    assert is_demo_alone(read_clients(Machine("linux", str(tmp_path), {}))) is alone
