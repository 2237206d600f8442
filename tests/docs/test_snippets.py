"""Every snippet in README and docs: Python runs, data parses, and only known kinds of blocks are used."""

import ast
import json
import subprocess
import sys
import tomllib

import pytest

from convirza_mcp.sandbox import Sandbox
from support.documents import RUN, blocks
from support.processes import environment

PROGRAMS = [page for page in RUN if blocks(page, "python")]


@pytest.mark.parametrize("page", RUN)
def test_every_block_is_of_a_kind_that_is_checked(page: str) -> None:
    # What stands as text is an example of what is said; everything else can be wrong in a way that a test sees.
    assert {block.language for block in blocks(page)} <= {"console", "python", "json", "toml", "text"}


@pytest.mark.parametrize("page", RUN)
def test_data_parses(page: str) -> None:
    for block in blocks(page, "json"):
        json.loads(block.text)
    for block in blocks(page, "toml"):
        tomllib.loads(block.text)


def test_there_is_python_to_run() -> None:
    assert PROGRAMS == ["docs/agents.md"]


def program(page: str) -> str:
    """A page's Python, which is one program in several blocks."""
    return "\n\n".join(block.text for block in blocks(page, "python"))


@pytest.mark.parametrize("page", PROGRAMS)
def test_python_runs_as_it_stands(page: str) -> None:
    tree = ast.parse(program(page))
    functions = {node.name for node in tree.body if isinstance(node, ast.AsyncFunctionDef | ast.FunctionDef)}
    calls = [node.func for node in ast.walk(tree) if isinstance(node, ast.Call)]
    with Sandbox() as sandbox:
        ended = subprocess.run(
            # Functions that the page does not call itself are called here: without one, nobody runs them.
            [sys.executable, "-c", program(page) + "\n\nprint(anyio.run(newest))\n"],
            capture_output=True,
            encoding="utf-8",
            env=environment(CONVIRZA_TOKEN=sandbox.token, CONVIRZA_BASE_URL=sandbox.base_url, CONVIRZA_TIMEZONE="UTC"),
            timeout=60,
            check=False,
        )
        asked = [dict(request.query).get("type") for request in sandbox.requests]

    assert functions - {each.id for each in calls if isinstance(each, ast.Name)} == {"main", "newest"}
    assert ended.returncode == 0, ended.stderr
    counted, nobodys, changed, waiting, newest = ended.stdout.splitlines()
    assert " conversations wait, " in counted
    assert nobodys.endswith(" are nobody's")
    assert " changed in the last day; next time since " in changed
    assert len(ast.literal_eval(waiting)) == 3
    assert newest.startswith("[(9")
    # The rest asked an inbox of its own.
    assert asked == ["unassigned"]
