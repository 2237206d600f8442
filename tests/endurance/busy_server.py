"""A real server process that is kept busy: sixty-four calls under way at any time, and looks at what it holds."""

import json
import os
import select
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from support.processes import ENVELOPE, INITIALIZE, INITIALIZED, environment

AT_ONCE = 64
SILENCE = 60.0
"""Seconds without an answer after which the calls under way count as hung."""

# On SIGUSR1 it tells, through a named pipe, what can only be seen from inside; a moment later, since the task of the
# last call outlives its answer by a few turns of the loop.
TELLING = """
import asyncio, gc, signal, sys

def tell():
    gc.collect()
    with open(sys.argv[1], "w") as told:
        told.write(f"{len(asyncio.all_tasks())} {len(gc.get_objects())}")

def tell_soon(*_):
    loop = asyncio.get_running_loop()
    loop.call_soon_threadsafe(loop.call_later, 0.2, tell)

signal.signal(signal.SIGUSR1, tell_soon)
from convirza_mcp.cli import commands
commands(["serve"])
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Held:
    """What the process holds when nothing is under way."""

    kibibytes: int
    files: int
    threads: int
    tasks: int
    objects: int


@dataclass(frozen=True, slots=True)
class Call:
    tool: str
    arguments: dict[str, Any]


class BusyServer:
    """Speaks raw lines; everything on stdout must be an answer to a call that waits for one."""

    def __init__(self, process: "subprocess.Popen[bytes]", era: str, folder: Path) -> None:
        self.process = process
        self._folder = folder
        self._envelope = {"_meta": ENVELOPE} if era == "auto" else {}
        self._asked = 0
        self._received = b""

    def answers(self, calls: Iterator[Call]) -> Iterator[tuple[Call, dict[str, Any]]]:
        """Each call with its result, in the order in which they come; sixty-four are under way at a time."""
        waiting: dict[int, Call] = {}
        for call in calls:
            waiting[self._ask(call)] = call
            if len(waiting) == AT_ONCE:
                yield self._take(waiting)
        while waiting:
            yield self._take(waiting)

    def look(self) -> Held:
        told = self._folder / "told"
        self.process.send_signal(signal.SIGUSR1)
        tasks, objects = told.read_text(encoding="ascii").split()
        about = Path(f"/proc/{self.process.pid}")
        status = dict(line.split(":", 1) for line in (about / "status").read_text(encoding="ascii").splitlines())
        return Held(
            kibibytes=int(status["VmRSS"].split()[0]),
            files=sum(1 for _ in (about / "fd").iterdir()),
            threads=int(status["Threads"]),
            tasks=int(tasks),
            objects=int(objects),
        )

    def end(self) -> list[dict[str, Any]]:
        """Close stdin, and give the log's lines."""
        assert self.process.stdin is not None
        self.process.stdin.close()
        assert self.process.wait(6) == 0
        assert self.process.stdout is not None
        assert self._received + self.process.stdout.read() == b""
        log = (self._folder / "log").read_text(encoding="utf-8")
        return [json.loads(line) for line in log.splitlines()]

    def shake_hands(self) -> None:
        if not self._envelope:
            self._send(INITIALIZE)
            assert self._receive()["result"]["serverInfo"]["name"] == "convirza-mcp"
            self._send(INITIALIZED)

    def _ask(self, call: Call) -> int:
        self._asked += 1
        params = {"name": call.tool, "arguments": call.arguments, **self._envelope}
        self._send({"jsonrpc": "2.0", "id": self._asked, "method": "tools/call", "params": params})
        return self._asked

    def _take(self, waiting: dict[int, Call]) -> tuple[Call, dict[str, Any]]:
        answer = self._receive()
        return waiting.pop(answer["id"]), answer["result"]

    def _send(self, message: dict[str, Any]) -> None:
        assert self.process.stdin is not None
        self.process.stdin.write(json.dumps(message).encode() + b"\n")
        self.process.stdin.flush()

    def _receive(self) -> dict[str, Any]:
        assert self.process.stdout is not None
        while b"\n" not in self._received:
            ready, _, _ = select.select([self.process.stdout], [], [], SILENCE)
            assert ready, "a call hangs"
            piece = os.read(self.process.stdout.fileno(), 65_536)
            assert piece, "the server has ended"
            self._received += piece
        line, _, self._received = self._received.partition(b"\n")
        answer = json.loads(line)
        assert answer["jsonrpc"] == "2.0"
        return dict(answer)


@contextmanager
def busy_server(folder: Path, *, era: str, base_url: str) -> Iterator[BusyServer]:
    os.mkfifo(folder / "told")
    settings = environment(
        CONVIRZA_TOKEN="CNVZ-AT-7f3e9d", CONVIRZA_BASE_URL=base_url, CONVIRZA_MAX_CALLS_PER_MINUTE="0"
    )
    with (
        (folder / "log").open("wb") as log,
        subprocess.Popen(
            [sys.executable, "-c", TELLING, str(folder / "told")],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=log,
            env=settings,
        ) as process,
    ):
        server = BusyServer(process, era, folder)
        try:
            server.shake_hands()
            yield server
        finally:
            process.kill()
