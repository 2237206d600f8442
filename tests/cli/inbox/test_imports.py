"""A command that answers a question imports no MCP SDK, which takes longer to import than most questions to answer."""

import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

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
from convirza_mcp.cli import commands

try:
    commands()
finally:
    loaded = {name.partition(".")[0] for name in sys.modules} & {"mcp", "mcp_types"}
    print(f"loaded: {sorted(loaded)}", file=sys.stderr)
"""
FOLDER = Path(__file__).parents[3] / "convirza_mcp" / "cli" / "inbox"


@pytest.fixture(scope="module")
def sandbox() -> Iterator[Sandbox]:
    with Sandbox(conversations=60) as sandbox:
        yield sandbox


@pytest.mark.parametrize("name", sorted(path.stem for path in FOLDER.glob("[a-z]*.py")))
def test_it_is_loaded_by_no_question(sandbox: Sandbox, name: str) -> None:
    given = [each.format(id=sandbox.conversations[-1]["conversation_id"]) for each in ARGUMENTS[name]]
    ended = subprocess.run(
        [sys.executable, "-c", PROGRAM, name, *given],
        capture_output=True,
        encoding="utf-8",
        env=environment(CONVIRZA_TOKEN=sandbox.token, CONVIRZA_BASE_URL=sandbox.base_url, CONVIRZA_TIMEZONE="UTC"),
        timeout=60,
        check=False,
    )

    # Nobody reveals anything to a pipe, whatever it has imported by then.
    assert ended.returncode == (2 if name == "reveal" else 0), ended.stderr
    assert ended.stderr.splitlines()[-1] == "loaded: []"
