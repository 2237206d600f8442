"""Commands run in this process, at a fixed time, and the inbox that they ask."""

from datetime import UTC, datetime

from click.testing import CliRunner, Result

from convirza_mcp.cli import commands
from convirza_mcp.sandbox import Sandbox

NOW = datetime(2026, 3, 6, 16, 12, tzinfo=UTC)
WINDOW = ("--start", "2026-03-01", "--end", "2026-03-06")
BOUNDS = {"start": datetime(2026, 3, 1, 7, tzinfo=UTC), "end": datetime(2026, 3, 7, 6, 59, 59, tzinfo=UTC)}
"""The window in Denver."""


def run(sandbox: Sandbox | None, *arguments: str, **settings: str) -> Result:
    """Run a command over the sandbox, or without an account, in Denver and on 160 columns."""
    reached = {} if sandbox is None else {"CONVIRZA_TOKEN": sandbox.token, "CONVIRZA_BASE_URL": sandbox.base_url}
    environment = {"CONVIRZA_TOKEN": None, "CONVIRZA_TIMEZONE": "America/Denver", "COLUMNS": "160"} | reached | settings
    return CliRunner().invoke(commands, arguments, env=environment, prog_name="convirza-mcp", obj=lambda: NOW)
