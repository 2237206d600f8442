"""How long a client waits after it started a server: for `initialize`, for `tools/list` and for the first tool result.

    python benchmarks/start.py
    python benchmarks/start.py --node DIR   also @ivotoby/openapi-mcp-server, installed by `npm install --prefix DIR`

The contestants take turns in one run against one sandbox, so that a noisy machine is noisy for all of them.
"""

import argparse
import json
import os
import statistics
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

from speed import SERVERS, TOOL, sandbox

MODERN = {
    "io.modelcontextprotocol/protocolVersion": "2026-07-28",
    "io.modelcontextprotocol/clientCapabilities": {},
}
HELLO = {"protocolVersion": "2025-11-25", "capabilities": {}, "clientInfo": {"name": "start", "version": "0"}}
STEPS = ("initialize", "tools/list", "first result")
OPENAPI = {
    "openapi": "3.0.0",
    "info": {"title": "Convirza", "version": "3"},
    "paths": {
        "/conversations/sms": {
            "get": {
                "operationId": "list_sms_conversations",
                "parameters": [{"name": "limit", "in": "query", "schema": {"type": "integer"}}],
                "responses": {"200": {"description": "a page"}},
            }
        }
    },
}


def start_once(command: list[str], environment: dict[str, str], era: str) -> list[float]:
    """Return the milliseconds from the start of a process to each of the three answers."""
    taken = []
    began = time.perf_counter()
    with subprocess.Popen(
        command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, env=environment
    ) as process:
        assert process.stdin is not None
        assert process.stdout is not None

        def send(message: dict[str, Any]) -> None:
            process.stdin.write(json.dumps({"jsonrpc": "2.0"} | message).encode() + b"\n")
            process.stdin.flush()

        def receive() -> dict[str, Any]:
            answer = json.loads(process.stdout.readline())
            assert "result" in answer, answer
            taken.append((time.perf_counter() - began) * 1_000)
            return answer["result"]

        meta = {"_meta": MODERN} if era == "modern" else {}
        opening = {"method": "server/discover", "params": meta} if meta else {"method": "initialize", "params": HELLO}
        send({"id": 0} | opening)
        receive()
        if not meta:
            send({"method": "notifications/initialized"})
        send({"id": 1, "method": "tools/list", "params": meta})
        tools = [tool["name"] for tool in receive()["tools"]]
        # The node peer makes a name of its own out of the operation's.
        name = TOOL if TOOL in tools else tools[0]
        send({"id": 2, "method": "tools/call", "params": {"name": name, "arguments": {"limit": 7}} | meta})
        assert not receive().get("isError")
        process.kill()
    return taken


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=15)
    parser.add_argument("--node", type=Path)
    given = parser.parse_args()
    commands = {name: [sys.executable, *arguments] for name, arguments in SERVERS.items()}
    with sandbox() as settings:
        environment = os.environ | settings
        if given.node:
            description = given.node / "openapi.json"
            description.write_text(json.dumps(OPENAPI), encoding="utf-8")
            commands["node peer"] = [
                "node",
                str(given.node / "node_modules/@ivotoby/openapi-mcp-server/bin/mcp-server.js"),
                *("--api-base-url", settings["CONVIRZA_BASE_URL"], "--openapi-spec", str(description)),
                *("--headers", f"Authorization:Bearer {settings['CONVIRZA_TOKEN']}"),
            ]
        for era in ("handshake", "modern"):
            taken: dict[str, list[list[float]]] = {name: [] for name in commands}
            for turn in range(given.rounds + 1):
                for name, command in commands.items():
                    if era == "modern" and name == "node peer":
                        continue
                    times = start_once(command, environment, era)
                    if turn:
                        taken[name].append(times)
            print(f"{era}: milliseconds from the start of the process, medians of {given.rounds} (ratio to plain)")
            medians = {
                name: [statistics.median(each) for each in zip(*times, strict=True)]
                for name, times in taken.items()
                if times
            }
            plain = medians["plain server on the SDK"]
            for name, each in medians.items():
                steps = "  ".join(
                    f"{step} {ms:7.1f} ({ms / of:5.3f})" for step, ms, of in zip(STEPS, each, plain, strict=True)
                )
                print(f"  {name:<24} {steps}")


if __name__ == "__main__":
    main()
