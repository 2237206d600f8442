"""`login` and the commands that use what it stores, with a state folder and a sandbox of the test's own."""

import json
from pathlib import Path
from typing import Any

from click.testing import CliRunner, Result

from convirza_mcp.api.login.store import CredentialStore, StoredCredential
from convirza_mcp.cli import commands
from convirza_mcp.sandbox import Sandbox


def settings(state: Path, sandbox: Sandbox | None = None, **others: str) -> dict[str, str]:
    reached = (
        {} if sandbox is None else {"CONVIRZA_OAUTH_URL": sandbox.oauth_url, "CONVIRZA_BASE_URL": sandbox.base_url}
    )
    return {"XDG_STATE_HOME": str(state), "CONVIRZA_TIMEZONE": "America/Denver"} | reached | others


def run(
    *arguments: str, state: Path, sandbox: Sandbox | None = None, given: bytes | str | None = None, **others: str
) -> Result:
    environment = settings(state, sandbox, **others)
    return CliRunner().invoke(commands, arguments, env=environment, input=given, prog_name="convirza-mcp")


def log_in(sandbox: Sandbox, state: Path, *, without: str = "") -> dict[str, Any]:
    """Store a token response of the sandbox, and return it."""
    response = {name: value for name, value in sandbox.issue().items() if name != without}
    result = run("login", "--from-json", "-", state=state, sandbox=sandbox, given=json.dumps(response))
    assert result.exit_code == 0
    return response


def file(state: Path) -> Path:
    return CredentialStore(state / "convirza-mcp").path


def stored(state: Path) -> StoredCredential | None:
    return CredentialStore(state / "convirza-mcp").read()


def posts(sandbox: Sandbox) -> list[tuple[str, int]]:
    return [(each.path, each.status) for each in sandbox.requests if each.method == "POST"]
