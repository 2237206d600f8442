"""The real server as a process, spoken to in raw lines: for what the official client would hide."""

import json
import os
import select
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

SERVE = [sys.executable, "-m", "convirza_mcp", "serve"]

# A log handler that writes all there is in a record, in a file: at DEBUG a pipe would be full soon.
TALKATIVE = """
import logging, sys, traceback

class Everything(logging.FileHandler):
    def format(self, record):
        trace = "".join(traceback.format_exception(record.exc_info[1])) if record.exc_info else ""
        return f"{super().format(record)} {vars(record)!r} {trace}"

logging.basicConfig(level=logging.DEBUG, handlers=[Everything(sys.argv[1], encoding="utf-8")])
from convirza_mcp.cli import commands
commands(["serve"])
"""

INITIALIZE = {
    "jsonrpc": "2.0",
    "id": 0,
    "method": "initialize",
    "params": {"protocolVersion": "2025-11-25", "capabilities": {}, "clientInfo": {"name": "test", "version": "0"}},
}
INITIALIZED = {"jsonrpc": "2.0", "method": "notifications/initialized"}

# The later protocol era shakes no hands: every request says what it speaks.
ENVELOPE = {"io.modelcontextprotocol/protocolVersion": "2026-07-28", "io.modelcontextprotocol/clientCapabilities": {}}


def environment(**settings: str) -> dict[str, str]:
    """This process's variables without its Convirza settings, and these."""
    inherited = {name: value for name, value in os.environ.items() if not name.startswith("CONVIRZA_")}
    return inherited | settings


class ServerProcess:
    """A server that has shaken hands, or been asked what it is; `era` is one of the SDK's two, auto or legacy."""

    def __init__(self, process: "subprocess.Popen[str]", era: str = "legacy") -> None:
        self.process = process
        self._envelope = ENVELOPE if era == "auto" else {}

    def send(self, message: dict[str, Any]) -> None:
        assert self.process.stdin is not None
        self.process.stdin.write(json.dumps(message) + "\n")
        self.process.stdin.flush()

    def receive(self) -> dict[str, Any]:
        assert self.process.stdout is not None
        return json.loads(self.process.stdout.readline())

    def call(self, number: int, arguments: dict[str, Any], tool: str = "list_sms_conversations") -> None:
        self.request(number, "tools/call", {"name": tool, "arguments": arguments})

    def request(self, number: int | str, method: str, params: dict[str, Any] | None = None) -> None:
        enveloped = {**(params or {}), "_meta": self._envelope} if self._envelope else params or {}
        self.send({"jsonrpc": "2.0", "id": number, "method": method, "params": enveloped})

    def cancel(self, number: int) -> None:
        self.send({"jsonrpc": "2.0", "method": "notifications/cancelled", "params": {"requestId": number}})

    def says_nothing_for(self, seconds: float) -> bool:
        """Whether stdout stays silent for so long; what was received before has been read."""
        assert self.process.stdout is not None
        return not select.select([self.process.stdout], [], [], seconds)[0]

    def end(self, within: float) -> tuple[int, str, str]:
        """Exit status, what was left on stdout, and stderr; fails when it takes longer."""
        out, err = self.process.communicate(timeout=within)
        return self.process.returncode, out, err


@contextmanager
def server_process(
    command: list[str] | None = None, *, era: str = "legacy", **settings: str
) -> Iterator[ServerProcess]:
    with subprocess.Popen(
        command or SERVE,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        env=environment(**settings),
        encoding="utf-8",
    ) as process:
        server = ServerProcess(process, era)
        try:
            if era == "legacy":
                server.send(INITIALIZE)
                assert server.receive()["result"]["serverInfo"]["name"] == "convirza-mcp"
                server.send(INITIALIZED)
            else:
                server.request(0, "server/discover")
                assert "2026-07-28" in server.receive()["result"]["supportedVersions"]
            # The front has answered so far; only the real server knows that there is no such method.
            server.request("up", "no/such/method")
            assert server.receive()["error"]["code"] == -32601
            yield server
        finally:
            process.kill()


def close_stdin(server: ServerProcess) -> None:
    assert server.process.stdin is not None
    server.process.stdin.close()
    # `communicate` would flush it.
    server.process.stdin = None


def interrupt(server: ServerProcess) -> None:
    server.process.send_signal(signal.SIGINT)


def terminate(server: ServerProcess) -> None:
    server.process.terminate()


def ended(server: ServerProcess, within: float = 6.0) -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
    """Close stdin and return what still came: the messages, and the lines of the log."""
    close_stdin(server)
    status, out, err = server.end(within)
    assert status == 0
    return [json.loads(line) for line in out.splitlines()], [json.loads(line) for line in err.splitlines()]
