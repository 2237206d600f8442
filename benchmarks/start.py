"""Measure the wait from a server's start to `initialize`, `tools/list` and the first tool result."""

import compileall
import json
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path
from statistics import median
from typing import Any

from contestants import NODE, OURS, TOOL, Measure, commands, sandbox, settings

import convirza_mcp

_MODERN = {
    "io.modelcontextprotocol/protocolVersion": "2026-07-28",
    "io.modelcontextprotocol/clientCapabilities": {},
}
_HELLO = {"protocolVersion": "2025-11-25", "capabilities": {}, "clientInfo": {"name": "start", "version": "0"}}
_STEPS = {"to the first answer": 0.08, "to `tools/list`": 0.08, "to the first result": 1.0}
_NODE_LIMITS = {"to the first answer": 0.2, "to `tools/list`": 0.2, "to the first result": None}


def measure(rounds: int, node: Path | None) -> Iterator[Measure]:
    # As pip leaves a package; an editable one may have no bytecode, and compiling it takes a fifth of a start.
    compileall.compile_dir(Path(convirza_mcp.__file__).parent, quiet=1)
    with sandbox() as environment:
        for era in ("handshake", "2026-07-28"):
            started = commands(environment, node)
            if era != "handshake":
                # It speaks the earlier era alone.
                started.pop(NODE, None)
            taken: dict[str, list[list[float]]] = {name: [] for name in started}
            for turn in range(rounds + 1):
                for name, command in started.items():
                    times = _start(command, settings(environment), era)
                    if turn:
                        taken[name].append(times)
            medians = {name: [median(each) for each in zip(*times, strict=True)] for name, times in taken.items()}
            for at, (step, limit) in enumerate(_STEPS.items()):
                values = {name: each[at] for name, each in medians.items()}
                yield Measure(f"start, {era}: {step}", "ms", values, limit=limit)
                if NODE in values:
                    both = {name: values[name] for name in (OURS, NODE)}
                    yield Measure(f"the same, to the node peer: {step}", "ms", both, to=NODE, limit=_NODE_LIMITS[step])


def _start(command: list[str], environment: dict[str, str], era: str) -> list[float]:
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

        meta = {"_meta": _MODERN} if era != "handshake" else {}
        opening = {"method": "server/discover", "params": meta} if meta else {"method": "initialize", "params": _HELLO}
        send({"id": 0} | opening)
        receive()
        if not meta:
            send({"method": "notifications/initialized"})
        send({"id": 1, "method": "tools/list", "params": meta})
        tools = [tool["name"] for tool in receive()["tools"]]
        # The node peer derives its own tool name from the operation's.
        name = TOOL if TOOL in tools else tools[0]
        send({"id": 2, "method": "tools/call", "params": {"name": name, "arguments": {"limit": 7}} | meta})
        assert not receive().get("isError")
        process.kill()
    return taken
