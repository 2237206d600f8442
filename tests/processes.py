"""The real server as a process, spoken to in raw lines: for what the official client would hide."""

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

SERVE = [sys.executable, "-m", "convirza_mcp", "serve"]

INITIALIZE = {
    "jsonrpc": "2.0",
    "id": 0,
    "method": "initialize",
    "params": {"protocolVersion": "2025-11-25", "capabilities": {}, "clientInfo": {"name": "test", "version": "0"}},
}
INITIALIZED = {"jsonrpc": "2.0", "method": "notifications/initialized"}


def environment(**settings: str) -> dict[str, str]:
    """This process's variables without its Convirza settings, and these."""
    inherited = {name: value for name, value in os.environ.items() if not name.startswith("CONVIRZA_")}
    return inherited | settings


class ServerProcess:
    """A server that has shaken hands."""

    def __init__(self, process: "subprocess.Popen[str]") -> None:
        self.process = process

    def send(self, message: dict[str, Any]) -> None:
        assert self.process.stdin is not None
        self.process.stdin.write(json.dumps(message) + "\n")
        self.process.stdin.flush()

    def receive(self) -> dict[str, Any]:
        assert self.process.stdout is not None
        return json.loads(self.process.stdout.readline())

    def call(self, number: int, arguments: dict[str, Any]) -> None:
        params = {"name": "list_sms_conversations", "arguments": arguments}
        self.send({"jsonrpc": "2.0", "id": number, "method": "tools/call", "params": params})

    def end(self, within: float) -> tuple[int, str, str]:
        """Exit status, what was left on stdout, and stderr; fails when it takes longer."""
        out, err = self.process.communicate(timeout=within)
        return self.process.returncode, out, err


@contextmanager
def server_process(command: list[str] | None = None, **settings: str) -> Iterator[ServerProcess]:
    with subprocess.Popen(
        command or SERVE,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        env=environment(**settings),
        encoding="utf-8",
    ) as process:
        server = ServerProcess(process)
        try:
            server.send(INITIALIZE)
            assert server.receive()["result"]["serverInfo"]["name"] == "convirza-mcp"
            server.send(INITIALIZED)
            yield server
        finally:
            process.kill()
