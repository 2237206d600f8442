"""Real clients as tests start them: Claude Code, Codex and Gemini CLI, without an account or a model."""

import json
import re
import subprocess
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from click.testing import CliRunner

from convirza_mcp.cli import commands
from convirza_mcp.setup.clients.environment import NETWORK
from convirza_mcp.setup.clients.known import CLIENTS
from judges.installed import ask, command, surroundings

FILES = {
    "claude-code": ".claude.json",
    "codex": ".codex/config.toml",
    "gemini-cli": ".gemini/settings.json",
    "claude-desktop": ".config/Claude/claude_desktop_config.json",
}


def claude_code(home: Path, *arguments: str, **environment: str) -> str:
    """What it prints; its exit status is 0 whatever becomes of a server."""
    quiet = {"CLAUDE_CODE_DISABLE_NONESSENTIAL_TRAFFIC": "1"}
    ended = ask(
        "@anthropic-ai/claude-code",
        "mcp",
        *arguments,
        home=home,
        environment=quiet | environment,
        script="cli-wrapper.cjs",
    )
    return ended.stdout + ended.stderr


def gemini_cli(home: Path, **environment: str) -> str:
    """In a folder that it does not trust, it starts nothing."""
    trusted = {"GEMINI_CLI_TRUST_WORKSPACE": "true"}
    ended = ask("@google/gemini-cli", "mcp", "list", home=home, environment=trusted | environment)
    return ended.stdout + ended.stderr


class Codex:
    """Its own server for editors, spoken to in lines: its command for lists starts nothing."""

    def __init__(self, process: "subprocess.Popen[str]") -> None:
        self._process = process
        self._number = 0

    def ask(self, method: str, **params: Any) -> dict[str, Any]:
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._number += 1
        self._process.stdin.write(json.dumps({"id": self._number, "method": method, "params": params}) + "\n")
        self._process.stdin.flush()
        for line in self._process.stdout:
            message = json.loads(line)
            if message.get("id") == self._number and "method" not in message:
                answer: dict[str, Any] = message["result"]
                return answer
        raise AssertionError(f"no answer to {method}")

    def wait_for(self, notification: str) -> None:
        assert self._process.stdout is not None
        assert any(json.loads(line).get("method") == notification for line in self._process.stdout)

    def server(self) -> dict[str, Any]:
        """What has become of the only server."""
        (server,) = self.ask("mcpServerStatus/list")["data"]
        return dict(server)


@contextmanager
def codex(home: Path, **environment: str) -> Iterator[Codex]:
    with subprocess.Popen(
        [*command("@openai/codex"), "app-server"],
        cwd=home,
        env=surroundings(home, environment),
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        encoding="utf-8",
    ) as process:
        try:
            asked = Codex(process)
            asked.ask("initialize", clientInfo={"name": "test", "title": "test", "version": "0"})
            yield asked
        finally:
            process.kill()


def convirza(home: Path, *arguments: str, **environment: str) -> str:
    """What our command prints for a user with this home folder."""
    moved = (*NETWORK, "XDG_CONFIG_HOME", "XDG_STATE_HOME", "CLAUDE_CONFIG_DIR", "CODEX_HOME", "GEMINI_CLI_HOME")
    result = CliRunner().invoke(commands, arguments, env=dict.fromkeys(moved) | {"HOME": str(home), **environment})
    assert result.exit_code == 0, result.output
    return result.stdout


def connect(home: Path, client: str) -> Path:
    """Install the demo, or paste what is printed for it."""
    file = home / FILES[client]
    if CLIENTS[client].writable:
        convirza(home, "install", client, "--demo", "--create")
    else:
        file.parent.mkdir()
        file.write_text(convirza(home, "install", client, "--demo", "--print"), encoding="utf-8")
    return file


def connected_to_claude_code(home: Path) -> bool:
    said = claude_code(home, "list")
    assert re.search(r"^convirza: .* - .*(Connected|Failed to connect)", said, re.MULTILINE), said
    return "Failed to connect" not in said


def connected_to_gemini_cli(home: Path) -> bool:
    said = gemini_cli(home)
    assert re.search(r"convirza: .* - (Connected|Disconnected)", said), said
    return "Disconnected" not in said


def connected_to_codex(home: Path) -> bool:
    with codex(home) as client:
        server = client.server()
    assert server["name"] == "convirza"
    return server["toolsError"] is None


CONNECTED: dict[str, Callable[[Path], bool]] = {
    "claude-code": connected_to_claude_code,
    "gemini-cli": connected_to_gemini_cli,
    "codex": connected_to_codex,
}
