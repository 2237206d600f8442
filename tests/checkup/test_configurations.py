"""Client configurations as they lie on a disk, in a home folder of their own."""

import json
import sys
from pathlib import Path
from typing import Any

import pytest

from convirza_mcp.checkup.configurations import check_configurations
from convirza_mcp.checkup.finding import Finding
from convirza_mcp.clients.places import Machine

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


def checked(home: Path) -> list[Finding]:
    findings = check_configurations(Machine("linux", str(home), {}))
    assert SECRET not in str(findings)
    return list(findings)


CLAUDE = ".config/Claude/claude_desktop_config.json"


def test_nowhere(tmp_path: Path) -> None:
    written(tmp_path, CLAUDE, {"mcpServers": {"convirza": {"command": "node", "args": ["something-else"]}}})
    written(tmp_path, ".cursor/mcp.json", "{ half a fi")

    assert checked(tmp_path) == [
        Finding(
            "clients",
            None,
            "skipped: no client's configuration names convirza-mcp.",
            "`convirza-mcp install` connects one, such as `convirza-mcp install claude-desktop`.",
        )
    ]


def test_in_several_clients_in_their_own_formats(tmp_path: Path) -> None:
    written(tmp_path, CLAUDE, {"mcpServers": {"convirza": entry(CONVIRZA_TOKEN=SECRET, CONVIRZA_TIMEZONE="UTC")}})
    written(tmp_path, ".claude.json", {"projects": {"/a/project": {"mcpServers": {"inbox": entry()}}}})
    written(
        tmp_path,
        ".config/Code/User/mcp.json",
        '{"servers": {"convirza": ' + json.dumps(entry(CONVIRZA_TOKEN="${input:convirza-token}")) + ",},} // mine",
    )
    written(
        tmp_path,
        ".codex/config.toml",
        f'[mcp_servers.convirza]\ncommand = "{HERE[0]}"\nargs = ["-m", "convirza_mcp"]\n',
    )
    python = Path(sys.executable).name

    assert checked(tmp_path) == [
        Finding(
            "client: Claude Desktop",
            True,
            f'Its entry "convirza" starts {python}, with CONVIRZA_TOKEN, CONVIRZA_TIMEZONE of its own.',
        ),
        Finding("client: Claude Code", True, f'Its entry "inbox" starts {python}.'),
        Finding("client: VS Code", True, f'Its entry "convirza" starts {python}.'),
        Finding("client: Codex", True, f'Its entry "convirza" starts {python}.'),
    ]


@pytest.mark.parametrize("command", ["/no/such/venv/bin/convirza-mcp", "convirza-mcp-that-is-gone", ""])
def test_a_command_that_is_gone(tmp_path: Path, command: str) -> None:
    file = written(tmp_path, CLAUDE, {"mcpServers": {"convirza": entry(command, "-m", "convirza_mcp")}})

    assert checked(tmp_path) == [
        Finding(
            "client: Claude Desktop",
            False,
            'Its entry "convirza" starts a program that is gone.',
            f"Run `convirza-mcp install claude-desktop`, or correct the entry's command. The file is {file}.",
        )
    ]


def test_the_remedy_is_the_command_for_that_client_and_entry(tmp_path: Path) -> None:
    server = entry("/gone/convirza-mcp", "serve", "--demo")
    cursor = written(tmp_path, ".cursor/mcp.json", {"mcpServers": {"inbox": server}})
    windsurf = written(tmp_path, ".codeium/windsurf/mcp_config.json", {"mcpServers": {"`rm` x": server}})

    assert [finding.remedy for finding in checked(tmp_path)] == [
        f"Run `convirza-mcp install cursor --demo --name inbox`, or correct the entry's command. The file is {cursor}.",
        (
            "Correct the entry's command: `convirza-mcp install windsurf --demo --print` shows what goes in. "
            f"The file is {windsurf}."
        ),
    ]


def test_a_file_that_nobody_may_run_is_as_good_as_gone(tmp_path: Path) -> None:
    program = written(tmp_path, "bin/convirza-mcp", "#!/bin/sh\n")
    written(tmp_path, CLAUDE, {"mcpServers": {"convirza": entry(str(program))}})

    assert [finding.ok for finding in checked(tmp_path)] == [False]

    program.chmod(0o755)
    assert checked(tmp_path) == [Finding("client: Claude Desktop", True, 'Its entry "convirza" starts convirza-mcp.')]


def test_what_the_client_fills_in_is_taken_for_good(tmp_path: Path) -> None:
    written(
        tmp_path,
        ".config/Code/User/mcp.json",
        {"servers": {"convirza": entry("${userHome}/bin/convirza-mcp", CONVIRZA_TIMEZONE="${env:TZ}")}},
    )

    assert [finding.ok for finding in checked(tmp_path)] == [True]


def test_a_setting_of_its_own_that_cannot_be_used(tmp_path: Path) -> None:
    file = written(tmp_path, CLAUDE, {"mcpServers": {"convirza": entry(CONVIRZA_TIMEZONE=SECRET)}})

    assert checked(tmp_path) == [
        Finding(
            "client: Claude Desktop",
            False,
            'Its entry "convirza" has a setting that cannot be used.',
            f"CONVIRZA_TIMEZONE takes an IANA time zone such as America/Denver, or UTC. The file is {file}.",
        )
    ]


@pytest.mark.parametrize("content", ['{"mcpServers": {"convirza": ', '// comment\n{"mcpServers": {"convirza": {}}}'])
def test_a_file_that_the_client_cannot_read(tmp_path: Path, content: str) -> None:
    file = written(tmp_path, CLAUDE, content)

    assert checked(tmp_path) == [
        Finding(
            "client: Claude Desktop",
            False,
            "Claude Desktop cannot read its configuration file, which is no valid JSON.",
            f"Repair {file}, or move it away and run `convirza-mcp install claude-desktop` again.",
        )
    ]


@pytest.mark.parametrize(
    "content", ["", "[]", "null", '{"mcpServers": []}', '{"mcpServers": {"convirza": 7}}', '{"projects": [7]}']
)
def test_other_shapes_name_nothing(tmp_path: Path, content: str) -> None:
    written(tmp_path, CLAUDE, content)
    written(tmp_path, ".claude.json", content)

    assert [finding.name for finding in checked(tmp_path)] == ["clients"]


def test_a_name_that_plays_tricks_is_tamed(tmp_path: Path) -> None:
    name = "\x1b[2J\u202e" + "convirza" * 20
    written(tmp_path, CLAUDE, {"mcpServers": {name: entry()}})

    detail = checked(tmp_path)[0].detail

    assert detail.startswith('Its entry "[2Jconvirza')
    assert len(detail) < 80
    assert detail.isprintable()
