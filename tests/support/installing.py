"""`convirza-mcp install` as somebody types it, in a home folder of their own, and what it wrote."""

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from click.testing import CliRunner, Result

from convirza_mcp.api.login.oauth import TokenPair
from convirza_mcp.api.login.store import CredentialStore, StoredCredential
from convirza_mcp.cli import commands
from convirza_mcp.settings import PRODUCTION_OAUTH_URL
from convirza_mcp.setup.clients.environment import NETWORK
from convirza_mcp.setup.clients.launch import this_launch

COMMAND = this_launch().command
FOLDERS = {
    "claude-desktop": ".config/Claude",
    "claude-code": ".claude",
    "cursor": ".cursor",
    "vscode": ".config/Code/User",
}
FILES = {
    "claude-desktop": ".config/Claude/claude_desktop_config.json",
    "claude-code": ".claude.json",
    "cursor": ".cursor/mcp.json",
    "vscode": ".config/Code/User/mcp.json",
}
WRITTEN = list(FILES)
PRINTED = ["windsurf", "codex", "goose", "gemini-cli"]


def run(home: Path, *arguments: str, **settings: str | None) -> Result:
    moved = ("XDG_CONFIG_HOME", "XDG_STATE_HOME", "CLAUDE_CONFIG_DIR", "CODEX_HOME", "VSCODE_PORTABLE")
    environment = dict.fromkeys((*moved, *NETWORK)) | {"HOME": str(home)} | settings
    return CliRunner().invoke(commands, arguments, env=environment, prog_name="convirza-mcp")


def log_in(home: Path, oauth_url: str = PRODUCTION_OAUTH_URL) -> None:
    pair = TokenPair("access-canary", "refresh-canary", None, None, datetime(2026, 1, 1, tzinfo=UTC))
    store = CredentialStore(home / ".local/state/convirza-mcp")
    store.write(StoredCredential(pair=pair, account="a", oauth_url=oauth_url))


def server(home: Path, client: str) -> dict[str, Any]:
    document = json.loads((home / FILES[client]).read_text())
    found: dict[str, Any] = document["servers" if client == "vscode" else "mcpServers"]["convirza"]
    return found


def everything(home: Path) -> dict[str, str]:
    return {str(each.relative_to(home)): each.read_text() for each in home.rglob("*") if each.is_file()}
