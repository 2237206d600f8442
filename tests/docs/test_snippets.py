"""Every snippet in README and docs: Python runs, data parses, and only known kinds of blocks are used."""

import ast
import json
import re
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
def test_json_and_toml_snippets_parse(page: str) -> None:
    for block in blocks(page, "json"):
        json.loads(block.text)
    for block in blocks(page, "toml"):
        tomllib.loads(block.text)


def program(page: str) -> str:
    """A page's Python, which is one program in several blocks."""
    return "\n\n".join(block.text for block in blocks(page, "python"))


def test_there_is_python_to_run() -> None:
    assert PROGRAMS == ["docs/agents.md", "docs/python.md"]


def printed(code: str, sandbox: Sandbox) -> list[str]:
    ended = subprocess.run(
        [sys.executable, "-c", code],
        capture_output=True,
        encoding="utf-8",
        env=environment(CONVIRZA_TOKEN=sandbox.token, CONVIRZA_BASE_URL=sandbox.base_url, CONVIRZA_TIMEZONE="UTC"),
        timeout=180,
        check=False,
    )
    assert ended.returncode == 0, ended.stderr
    return ended.stdout.splitlines()


@pytest.mark.parametrize("page", PROGRAMS)
def test_every_function_of_a_page_is_run(page: str) -> None:
    tree = ast.parse(program(page))
    functions = {node.name for node in tree.body if isinstance(node, ast.AsyncFunctionDef | ast.FunctionDef)}
    calls = {node.func.id for node in ast.walk(tree) if isinstance(node, ast.Call) and isinstance(node.func, ast.Name)}

    # What the page does not call itself is called below.
    assert functions - calls == ({"main", "newest"} if page == "docs/python.md" else {"main"})


@pytest.mark.long
def test_the_agents_page_runs_as_it_stands() -> None:
    with Sandbox() as sandbox:
        counted, unassigned, changed, waiting = printed(program("docs/agents.md"), sandbox)

    assert " conversations wait, " in counted
    assert unassigned.endswith(" are unassigned")
    assert " changed in the last day; next time since " in changed
    assert len(ast.literal_eval(waiting)) == 3
    # It asked an inbox of its own.
    assert sandbox.requests == []


def test_the_python_page_runs_as_it_stands() -> None:
    with Sandbox() as sandbox:
        lines = printed(program("docs/python.md") + "\n\nprint(anyio.run(newest))\n", sandbox)
        asked = [dict(request.query).get("type") for request in sandbox.requests]

    waiting, counted, groups, is_listed, agents, error, newest = lines[:3], lines[3], lines[4:7], *lines[7:]
    assert all(re.fullmatch(r"[0-9]{6} .*[0-9]:[0-9]{2}:[0-9]{2} \['[0-9]+ unread'.*\]", line) for line in waiting)
    assert re.fullmatch(r"[0-9]+ conversations; 0:[0-9]{2}:[0-9]{2} to the first response", counted)
    assert all(re.fullmatch(r"\D+ [0-9]+", line) for line in groups)
    assert is_listed == "True"
    assert re.fullmatch(r"[0-9]+ agents; [0-9]+ conversations; True", agents)
    assert error.startswith("`conversation_id` was not found among the conversations read ")
    assert newest.startswith("[(9")
    assert asked == ["unassigned"]
