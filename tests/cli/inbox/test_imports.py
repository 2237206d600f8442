"""A command that answers a question imports no MCP SDK, which takes longer to import than most questions to answer."""

import subprocess
import sys
from pathlib import Path

from convirza_mcp.sandbox import Sandbox
from support.processes import environment

ARGUMENTS = {
    "changes": ("--since", "1d"),
    "export": ("--output", "-"),
    "get": ("{id}",),
    "list": (),
    "report": (),
    "reveal": ("contact-abcdefghij",),
    "search": ("call",),
    "summary": (),
    "waiting": (),
}
PROGRAM = """
import sys
from click.testing import CliRunner
from convirza_mcp.cli import commands

for line in sys.argv[1:]:
    CliRunner().invoke(commands, line.split(), catch_exceptions=False)
    loaded = {name.partition(".")[0] for name in sys.modules} & {"mcp", "mcp_types"}
    print(f"{line.split()[0]}: {sorted(loaded)}")
"""
FOLDER = Path(__file__).parents[3] / "convirza_mcp" / "cli" / "inbox"


def test_no_question_loads_the_sdk(inbox: Sandbox) -> None:
    names = sorted(path.stem for path in FOLDER.glob("[a-z]*.py"))
    given = " ".join(ARGUMENTS["get"]).format(id=inbox.conversations[-1]["conversation_id"])
    lines = [f"{name} {given if name == 'get' else ' '.join(ARGUMENTS[name])}" for name in names]
    settings = environment(CONVIRZA_TOKEN=inbox.token, CONVIRZA_BASE_URL=inbox.base_url, CONVIRZA_TIMEZONE="UTC")

    ended = subprocess.run(
        [sys.executable, "-c", PROGRAM, *lines], capture_output=True, encoding="utf-8", env=settings, check=True
    )

    assert ended.stdout.splitlines() == [f"{name}: []" for name in names]
