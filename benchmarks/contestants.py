"""The measured servers, the sandbox that they all read, and the measurements."""

import json
import os
import subprocess
import sys
from collections.abc import AsyncIterator, Iterator, Mapping
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass
from pathlib import Path

from mcp import Client, StdioServerParameters
from mcp.client.stdio import stdio_client

HERE = Path(__file__).parent
OURS, PLAIN, NODE, BARE = "convirza-mcp", "plain SDK server", "node peer", "bare httpx2"
TOOL = "list_sms_conversations"

_OPENAPI = {
    "openapi": "3.0.0",
    "info": {"title": "Convirza", "version": "3"},
    "paths": {
        "/conversations/sms": {
            "get": {
                "operationId": TOOL,
                "parameters": [{"name": "limit", "in": "query", "schema": {"type": "integer"}}],
                "responses": {"200": {"description": "a page"}},
            }
        }
    },
}


@dataclass(frozen=True)
class Measure:
    """One line of the table: a figure for each contestant that has one.

    `limit` is the largest ratio, or with `more_is_better` the smallest; `at_most` the largest figure of ours.
    """

    what: str
    unit: str
    values: Mapping[str, float]
    to: str = PLAIN
    limit: float | None = None
    at_most: float | None = None
    more_is_better: bool = False

    @property
    def ratio(self) -> float | None:
        return self.values[OURS] / self.values[self.to] if self.to in self.values else None

    @property
    def holds(self) -> bool:
        ratio = self.ratio
        if self.limit is not None and ratio is not None:
            return ratio >= self.limit if self.more_is_better else ratio <= self.limit
        return self.at_most is None or self.values[OURS] <= self.at_most


@contextmanager
def sandbox(delay: float = 0.0, conversations: int = 400) -> Iterator[dict[str, str]]:
    """Run a sandbox in its own process; yield the environment that points to it."""
    size = ["--conversations", str(conversations)]
    command = [sys.executable, "-m", "convirza_mcp", "sandbox", "--port", "0", "--delay", str(delay), *size]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
    try:
        assert process.stdout is not None
        lines = [process.stdout.readline().removeprefix("export ").strip() for _ in range(3)]
        yield {name: value.strip("'") for name, _, value in (line.partition("=") for line in lines)}
    finally:
        process.terminate()
        process.wait()


def commands(environment: Mapping[str, str], node: Path | None) -> dict[str, list[str]]:
    """Return the command that starts each server; with its folder, also the node peer's."""
    found = {
        PLAIN: [sys.executable, str(HERE / "plain_server.py")],
        OURS: [sys.executable, "-m", "convirza_mcp", "serve"],
    }
    if node is not None:
        description = node / "openapi.json"
        description.write_text(json.dumps(_OPENAPI), encoding="utf-8")
        found[NODE] = [
            "node",
            str(node / "node_modules/@ivotoby/openapi-mcp-server/bin/mcp-server.js"),
            *("--api-base-url", environment["CONVIRZA_BASE_URL"], "--openapi-spec", str(description)),
            *("--headers", f"Authorization:Bearer {environment['CONVIRZA_TOKEN']}"),
        ]
    return found


def settings(environment: Mapping[str, str]) -> dict[str, str]:
    # The tool-call limit is against runaway loops, and a measurement is not one.
    return os.environ | dict(environment) | {"CONVIRZA_MAX_CALLS_PER_MINUTE": "0"}


@asynccontextmanager
async def connected(command: list[str], environment: Mapping[str, str]) -> AsyncIterator[tuple[Client, int]]:
    """Start a server in its own process; yield a client of it and the process id."""
    before = _children()
    parameters = StdioServerParameters(command=command[0], args=command[1:], env=settings(environment))
    # Its log has a line per call.
    with Path(os.devnull).open("w") as log:  # noqa: ASYNC230 - nothing that could wait
        async with Client(stdio_client(parameters, errlog=log), read_timeout_seconds=300) as client:
            (process,) = _children() - before
            yield client, process


def resident(process: int) -> float:
    """Return the memory of a process, in MiB."""
    status = Path(f"/proc/{process}/status").read_text(encoding="ascii")
    return int(status.partition("VmRSS:")[2].split()[0]) / 1024


def _children() -> set[int]:
    return {int(child) for child in Path(f"/proc/{os.getpid()}/task/{os.getpid()}/children").read_text().split()}
