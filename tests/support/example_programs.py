"""The programs under examples/ that ask a model: loaded, run as printed, and served by a process of the server."""

import importlib.util
import json
import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from types import ModuleType
from typing import Any

from support.processes import environment, server_process

EXAMPLES = Path(__file__).parents[2] / "examples"

QUESTION = "Who is waiting on us?"
TOOL = "list_waiting_sms_conversations"
# A day that the window begins with, because a time would move on between two calls.
ARGUMENTS = {"start": (datetime.now(UTC) - timedelta(days=29)).date().isoformat(), "limit": 3}
NO_TOKEN = "No Convirza token is configured. "


def server_command() -> str:
    """The server's own command: this environment need not hold it."""
    command = os.environ.get("CONVIRZA_MCP_COMMAND") or str(Path(sys.executable).with_name("convirza-mcp"))
    assert Path(command).exists(), "CONVIRZA_MCP_COMMAND takes the path of the server that these tests start"
    return command


def program(name: str) -> ModuleType:
    specification = importlib.util.spec_from_file_location(name, EXAMPLES / f"{name}.py")
    assert specification is not None
    assert specification.loader is not None
    module = importlib.util.module_from_spec(specification)
    specification.loader.exec_module(module)
    return module


def run(name: str, *arguments: str, **settings: str) -> "subprocess.CompletedProcess[str]":
    """The program as it is printed; of this machine's variables it sees no model's key."""
    inherited = {
        name: value
        for name, value in environment(CONVIRZA_MCP_COMMAND=server_command(), CONVIRZA_TIMEZONE="UTC").items()
        if not name.startswith(("ANTHROPIC_", "OPENAI_", "LANGSMITH_", "LANGCHAIN_", "LOGFIRE_"))
    }
    return subprocess.run(
        [sys.executable, str(EXAMPLES / f"{name}.py"), *arguments],
        capture_output=True,
        encoding="utf-8",
        env=inherited | settings,
        timeout=120,
        check=False,
    )


@contextmanager
def sandbox_process() -> Iterator[dict[str, str]]:
    """A made-up inbox, served by the server's own environment; gives the settings that point to it."""
    command = [server_command(), "sandbox", "--port", "0"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, env=environment(), encoding="utf-8") as process:
        try:
            assert process.stdout is not None
            lines = [process.stdout.readline().removeprefix("export ").rstrip() for _ in range(3)]
            yield dict(line.split("=", 1) for line in lines)
        finally:
            process.terminate()


@dataclass(frozen=True)
class Served:
    """What a bare server says, for comparison with what came through a framework."""

    instructions: str
    tools: dict[str, tuple[str, dict[str, Any]]]
    """Description and input schema, by name."""
    answer: dict[str, Any]
    """Of TOOL with ARGUMENTS."""


def served(*options: str, **settings: str) -> Served:
    command = [server_command(), "serve", *options]
    with server_process(command, era="auto", CONVIRZA_TIMEZONE="UTC", **settings) as server:
        server.request(1, "server/discover")
        instructions = server.receive()["result"]["instructions"]
        server.request(2, "tools/list")
        tools = server.receive()["result"]["tools"]
        server.call(3, ARGUMENTS, tool=TOOL)
        answer = server.receive()["result"]["structuredContent"]
    return Served(instructions, {each["name"]: (each["description"], each["inputSchema"]) for each in tools}, answer)


def steady(answer: dict[str, Any] | str) -> dict[str, Any]:
    """An answer without what moves on between two calls: the waits, and the times in its head."""
    said = json.loads(answer) if isinstance(answer, str) else answer
    kept = [index for index, column in enumerate(said["columns"]) if column != "waiting"]
    rows = [[row[index] for index in kept] for row in said["rows"]]
    return {"waiting": said["waiting"], "untrusted": said["untrusted"], "columns": said["columns"], "rows": rows}


def spoken(answer: dict[str, Any] | str) -> str:
    """What a scripted model makes of an answer, and can only say when it has read it."""
    said = json.loads(answer) if isinstance(answer, str) else answer
    return f"{said['waiting']} wait; longest: {', '.join(str(row[0]) for row in said['rows'])}."


def assert_only_logs(stderr: str, *, calls: int) -> None:
    """That stderr holds a line a call of the server's log, and nothing else."""
    assert [json.loads(line)["tool"] for line in stderr.splitlines()] == [TOOL] * calls


def assert_says_what_is_missing(name: str, key: str) -> None:
    for settings, sentence in (
        ({}, f"The model needs a key: set {key}, with --demo too."),
        (
            {key: "x", "CONVIRZA_MCP_COMMAND": "/nowhere/convirza-mcp"},
            "convirza-mcp was not found. Put it on the PATH, or set CONVIRZA_MCP_COMMAND to its full path.",
        ),
    ):
        ended = run(name, "--demo", **settings)
        assert (ended.returncode, ended.stdout, ended.stderr) == (1, "", f"{sentence}\n")


def assert_gives_the_reason_of_a_server_that_does_not_start(name: str, key: str) -> None:
    ended = run(name, "--demo", **{key: "x", "CONVIRZA_TIMEZONE": "Nowhere"})

    assert (ended.returncode, ended.stdout) == (1, "")
    assert ended.stderr.splitlines() == [
        "convirza-mcp: CONVIRZA_TIMEZONE takes an IANA time zone such as America/Denver, or UTC.",
        "The connection to convirza-mcp ended; what it said stands above.",
    ]
