"""Real clients start what `install` wrote for them: Claude Code, Codex and Gemini CLI, without an account or a model.

The Inspector stands in for Claude Desktop, whose file it reads; the other clients have a window or cannot be had here.
What doctor says of an entry is held against what the client itself makes of it.
"""

import json
import os
import sys
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from convirza_mcp.cli import commands
from convirza_mcp.setup.clients.environment import NETWORK
from convirza_mcp.setup.clients.known import CLIENTS
from convirza_mcp.setup.clients.places import Machine
from convirza_mcp.setup.doctor.checks.client_entry import Shell
from convirza_mcp.setup.doctor.checks.clients import check_clients, read_clients
from convirza_mcp.tools import all_tools
from judges.installed import ask, needs_judges, surroundings
from judges.real_clients import (
    CONNECTED,
    FILES,
    claude_code,
    codex,
    connect,
    connected_to_claude_code,
    connected_to_gemini_cli,
    convirza,
    gemini_cli,
)

pytestmark = needs_judges

NAMES = [tool.name for tool in all_tools()]
# What clients are seen to hand on, or to keep to themselves.
ENVIRON = {
    "CONVIRZA_TOKEN": "token-canary",
    "CONVIRZA_TIMEZONE": "America/Denver",
    "HTTPS_PROXY": "http://127.0.0.1:9",
    "NO_PROXY": "127.0.0.1",
    "SSL_CERT_FILE": "/etc/ssl/certs/ca-certificates.crt",
    "SSL_CERT_DIR": "/etc/ssl/certs",
    "XDG_STATE_HOME": "/nonexistent",
    "LC_ALL": "C.UTF-8",
}


@pytest.fixture
def home(tmp_path: Path) -> Path:
    return tmp_path


def test_claude_code_connects_speaks_the_later_era_and_keeps_our_entry(home: Path) -> None:
    connect(home, "claude-code")

    assert connected_to_claude_code(home)
    (log,) = (home / ".cache" / "claude-cli-nodejs").rglob("mcp-logs-convirza/*.jsonl")
    assert '"negotiatedProtocolVersion\\":\\"2026-07-28' in log.read_text(encoding="utf-8")
    shown = claude_code(home, "get", "convirza")
    assert "Scope: User config (available in all your projects)" in shown
    assert "Args: serve --demo" in shown
    # It has written the file anew meanwhile, in its own way.
    assert convirza(home, "install", "claude-code", "--demo").startswith("No change: ")
    assert convirza(home, "uninstall", "claude-code").startswith("Claude Code no longer has convirza.")
    assert "No MCP server named" in claude_code(home, "get", "convirza")


def test_what_doctor_says_of_an_entry_for_one_folder_takes_it_out_of_claude_code(home: Path) -> None:
    file = home / ".claude.json"
    file.write_text(
        json.dumps({"projects": {str(home): {"mcpServers": {"convirza": {"command": "/gone/convirza-mcp"}}}}})
    )

    assert not connected_to_claude_code(home)
    remedy = "Run `claude mcp remove convirza -s local` there to remove it.\n"
    moved = dict.fromkeys(("CLAUDE_CONFIG_DIR", *NETWORK)) | {"HOME": str(home)}
    installed = CliRunner().invoke(commands, ["install", "claude-code", "--demo"], env=moved)
    assert (installed.exit_code, installed.stderr) == (
        0,
        f"In {home}, another server of that name takes precedence. {remedy}",
    )
    # The entry for this folder goes first.
    assert "Failed to connect" in claude_code(home, "list")
    claude_code(home, "remove", "convirza", "-s", "local")
    assert connected_to_claude_code(home)


def test_codex_lists_the_tools_and_calls_one(home: Path) -> None:
    connect(home, "codex")

    with codex(home) as client:
        server = client.server()
        thread = client.ask("thread/start", ephemeral=True)["thread"]["id"]
        called = client.ask(
            "mcpServer/tool/call",
            threadId=thread,
            server="convirza",
            tool="list_sms_conversations",
            arguments={"limit": 2},
        )

    assert (server["name"], server["serverInfo"]["name"], server["toolsError"]) == ("convirza", "convirza-mcp", None)
    assert sorted(server["tools"]) == sorted(NAMES)
    assert len(called["structuredContent"]["rows"]) == 2


def test_gemini_cli_connects(home: Path) -> None:
    connect(home, "gemini-cli")

    assert connected_to_gemini_cli(home)


def test_a_reader_of_claude_desktops_file_lists_the_tools(home: Path) -> None:
    file = connect(home, "claude-desktop")
    arguments = ("--cli", "--config", str(file), "--server", "convirza", "--method", "tools/list")

    listed = ask("@modelcontextprotocol/inspector", *arguments, home=home)
    # As an old editor on Windows saves it.
    file.write_bytes(b"\xef\xbb\xbf" + file.read_bytes())
    marked = ask("@modelcontextprotocol/inspector", *arguments, home=home)
    convirza(home, "install", "claude-desktop", "--demo")
    mended = ask("@modelcontextprotocol/inspector", *arguments, home=home)

    assert [listed.returncode, marked.returncode, mended.returncode] == [0, 1, 0]
    assert all(f'"{name}"' in listed.stdout for name in NAMES)


def broken(home: Path, fault: str) -> dict[str, Any]:
    """A server object that cannot work, or that does."""
    interpreter = home / "venv" / "bin" / "python"
    script = home / "convirza-mcp"
    script.write_text(f"#!{interpreter}\n")
    script.chmod(0o755)
    match fault:
        case "none":
            return {"command": sys.executable, "args": ["-m", "convirza_mcp", "serve", "--demo"]}
        case "gone":
            return {"command": str(home / "gone" / "convirza-mcp"), "args": ["serve"]}
        case "no interpreter":
            return {"command": str(script), "args": ["serve"]}
        case "no module":
            return {"command": sys.executable, "args": ["-I", "-S", "-m", "convirza_mcp", "serve"]}
        case _:
            return {"command": sys.executable, "args": ["-m", "convirza_mcp"], "env": {"CONVIRZA_TIMEZONE": "nowhere"}}


@pytest.mark.parametrize("client", CONNECTED)
@pytest.mark.parametrize("fault", ["none", "gone", "no interpreter", "no module", "a bad setting"])
async def test_doctor_and_the_client_agree(home: Path, client: str, fault: str) -> None:
    server = broken(home, fault)
    file = home / FILES[client]
    file.parent.mkdir(exist_ok=True)
    if client == "codex":
        table = "".join(f"{name} = {json.dumps(value)}\n" for name, value in server.items() if name != "env")
        env = "".join(f'{name} = "{value}"\n' for name, value in server.get("env", {}).items())
        file.write_text(f"[mcp_servers.convirza]\n{table}\n[mcp_servers.convirza.env]\n{env}")
    else:
        file.write_text(json.dumps({"mcpServers": {"convirza": server}}))

    clients = read_clients(Machine("linux", str(home), {}))
    shell = Shell(environ=surroundings(home), source="none", host_answers=False)
    (finding,) = await check_clients(clients, shell)

    assert (finding.ok, CONNECTED[client](home)) == (fault == "none", fault == "none"), finding


@pytest.mark.parametrize("client", CONNECTED)
def test_a_client_passes_on_the_environment_as_documented(home: Path, client: str) -> None:
    file = connect(home, client)
    dump, spy = home / "environment.json", home / "convirza-mcp"
    spy.write_text(
        f"#!{sys.executable}\nimport json, os, sys\n"
        f"open({str(dump)!r}, 'w').write(json.dumps(dict(os.environ)))\n"
        f"os.execv({sys.executable!r}, [{sys.executable!r}, '-m', 'convirza_mcp', *sys.argv[1:]])\n"
    )
    spy.chmod(0o755)
    text = file.read_text(encoding="utf-8")
    ours = Path(sys.executable).parent / "convirza-mcp"
    assert str(ours) in text
    file.write_text(text.replace(str(ours), str(spy)), encoding="utf-8")

    match client:
        case "claude-code":
            claude_code(home, "list", **ENVIRON)
        case "gemini-cli":
            gemini_cli(home, **ENVIRON)
        case _:
            with codex(home, **ENVIRON) as running:
                running.server()

    given = json.loads(dump.read_text(encoding="utf-8"))
    arrived = {name: given[name] for name in ENVIRON if name in given}
    assert arrived == CLIENTS[client].inherited(ENVIRON)
    assert given["HOME"] == str(home)
    assert os.pathsep in given["PATH"]
