"""Calls over HTTP: how long a warm one takes, how many a second 64 at once make, and what `/healthz` takes meanwhile.

The plain server runs on the SDK's own uvicorn settings. The client writes ready-made requests of the later protocol era
to kept connections and parses no answer, so that almost all of the time is the server's. Processor time is the server
process's own, in user and kernel mode; unlike the wall clock it hardly changes on a busy machine. The 64 callers ask
for the same page, as a team does in the morning, or each for another one.
"""

import json
import os
import socket
import subprocess
import sys
import time
from collections.abc import AsyncIterator, Iterator, Mapping
from contextlib import AsyncExitStack, asynccontextmanager, closing
from dataclasses import dataclass, field
from pathlib import Path
from statistics import median, quantiles

import anyio
from anyio.abc import SocketStream
from contestants import HERE, OURS, PLAIN, TOOL, Measure, sandbox, settings

_AT_ONCE = 64
_CALLS_A_TURN = 20
_DELAY = 0.003
_HEALTH_INTERVAL = 0.02
_VERSION = "2026-07-28"
_TICKS = os.sysconf("SC_CLK_TCK")


@dataclass
class _Contestant:
    process: int
    port: int
    requests: list[bytes]
    milliseconds: list[float] = field(default_factory=list)
    rates: list[float] = field(default_factory=list)
    calls: int = 0
    processor: float = 0.0

    def used(self) -> float:
        """Return the processor time of the process so far, in milliseconds."""
        fields = Path(f"/proc/{self.process}/stat").read_text("ascii").rpartition(")")[2].split()
        return (int(fields[11]) + int(fields[12])) * 1_000 / _TICKS


def measure(rounds: int) -> Iterator[Measure]:
    for rows in (7, 50):
        yield from anyio.run(_latency, rows, rounds * 60)
    for rows in (7, 50):
        for pages in (1, _AT_ONCE):
            yield from anyio.run(_throughput, rows, pages, 1_920)


async def _latency(rows: int, calls_each: int) -> list[Measure]:
    async with _contestants(rows, 0.0) as servers, AsyncExitStack() as stack:
        streams = {name: await stack.enter_async_context(_connection(each.port)) for name, each in servers.items()}
        for turn in range(calls_each // _CALLS_A_TURN + 2):
            for name, each in servers.items():
                before = each.used()
                for nth in range(_CALLS_A_TURN):
                    began = time.perf_counter()
                    await _call(streams[name], each.requests[0])
                    # The first turns and the first call of a turn find the process cold.
                    if turn >= 2 and nth:
                        each.milliseconds.append((time.perf_counter() - began) * 1_000)
                if turn >= 2:
                    each.processor += each.used() - before
                    each.calls += _CALLS_A_TURN
        values = {name: median(each.milliseconds) for name, each in servers.items()}
        processor = {name: each.processor / each.calls for name, each in servers.items()}
        what = f"over HTTP: a warm call, {rows} rows"
        return [Measure(what, "ms", values, limit=1.0), Measure(f"{what}, processor time", "ms", processor)]


async def _throughput(rows: int, pages: int, calls_each: int) -> list[Measure]:
    health: list[float] = []
    async with _contestants(rows, _DELAY) as servers:
        for each in servers.values():
            await _load(each, pages, 640)
        for _ in range(3):
            for name, each in servers.items():
                before, began = each.used(), time.perf_counter()
                async with anyio.create_task_group() as tasks:
                    if name == OURS:
                        tasks.start_soon(_ask_for_health, each.port, health)
                    await _load(each, pages, calls_each)
                    tasks.cancel_scope.cancel()
                each.rates.append(calls_each / (time.perf_counter() - began))
                each.processor += each.used() - before
                each.calls += calls_each
    rates = {name: median(each.rates) for name, each in servers.items()}
    processor = {name: each.processor / each.calls for name, each in servers.items()}
    same = "the same page" if pages == 1 else "64 pages"
    what = f"over HTTP: 64 calls at once, {rows} rows, {same}"
    return [
        Measure(what, "calls/s", rates, limit=1.2 if pages == 1 else None, more_is_better=True),
        Measure(f"{what}, processor time of a call", "ms", processor),
        Measure("`/healthz` meanwhile, median", "ms", {OURS: median(health)}, at_most=50),
        Measure("`/healthz` meanwhile, p99", "ms", {OURS: quantiles(health, n=100)[-1]}, at_most=250),
    ]


async def _load(server: _Contestant, pages: int, calls: int) -> None:
    async with anyio.create_task_group() as tasks:
        for number in range(_AT_ONCE):
            tasks.start_soon(_repeat, server.port, server.requests[number % pages], calls // _AT_ONCE)


async def _repeat(port: int, request: bytes, times: int) -> None:
    async with _connection(port) as stream:
        for _ in range(times):
            await _call(stream, request)


async def _ask_for_health(port: int, taken: list[float]) -> None:
    request = f"GET /healthz HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\n\r\n".encode()
    async with _connection(port) as stream:
        while True:
            began = time.perf_counter()
            await _call(stream, request)
            taken.append((time.perf_counter() - began) * 1_000)
            await anyio.sleep(_HEALTH_INTERVAL)


@asynccontextmanager
async def _connection(port: int) -> AsyncIterator[SocketStream]:
    async with await anyio.connect_tcp("127.0.0.1", port) as stream:
        yield stream


async def _call(stream: SocketStream, request: bytes) -> bytes:
    """Send a request and return the body of its answer."""
    await stream.send(request)
    found = bytearray()
    while (end := found.find(b"\r\n\r\n")) < 0:
        found += await stream.receive()
    head = bytes(found[:end]).lower()
    assert head.startswith(b"http/1.1 200"), found
    length = int(head.partition(b"content-length:")[2].split(b"\r\n", 1)[0])
    while len(found) < end + 4 + length:
        found += await stream.receive()
    return bytes(found[end + 4 :])


@asynccontextmanager
async def _contestants(rows: int, delay: float) -> AsyncIterator[dict[str, _Contestant]]:
    with sandbox(delay) as environment:
        async with AsyncExitStack() as stack:
            servers = {}
            for name in (PLAIN, OURS):
                process, port = _started(name, environment)
                stack.callback(process.wait)
                stack.callback(process.terminate)
                requests = [_request(port, rows, offset) for offset in range(_AT_ONCE)]
                servers[name] = _Contestant(process.pid, port, requests)
                await _until_ready(port)
                async with _connection(port) as stream:
                    result = json.loads(await _call(stream, requests[0]))["result"]
                assert not result.get("isError"), result
            yield servers


def _started(name: str, environment: Mapping[str, str]) -> "tuple[subprocess.Popen[bytes], int]":
    with closing(socket.create_server(("127.0.0.1", 0))) as free:
        port = free.getsockname()[1]
    command = {
        PLAIN: [sys.executable, str(HERE / "plain_server.py"), str(port)],
        OURS: [sys.executable, "-m", "convirza_mcp", "serve", "--http", "--port", str(port)],
    }[name]
    # Its log has a line per call.
    process = subprocess.Popen(command, env=settings(environment), stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    return process, port


async def _until_ready(port: int) -> None:
    with anyio.fail_after(60):
        while True:
            try:
                await (await anyio.connect_tcp("127.0.0.1", port)).aclose()
            except OSError:
                await anyio.sleep(0.05)
            else:
                return


def _request(port: int, rows: int, offset: int) -> bytes:
    meta = {f"io.modelcontextprotocol/{name}": value for name, value in _META.items()}
    params = {"name": TOOL, "arguments": {"limit": rows, "offset": offset}, "_meta": meta}
    body = json.dumps({"jsonrpc": "2.0", "id": 1, "method": "tools/call", "params": params}).encode()
    head = {
        "Host": f"127.0.0.1:{port}",
        "Accept": "application/json, text/event-stream",
        "Content-Type": "application/json",
        "MCP-Protocol-Version": _VERSION,
        "Mcp-Method": "tools/call",
        "Mcp-Name": TOOL,
        "Content-Length": str(len(body)),
    }
    lines = [f"{name}: {value}\r\n" for name, value in head.items()]
    return f"POST /mcp HTTP/1.1\r\n{''.join(lines)}\r\n".encode() + body


_META = {
    "protocolVersion": _VERSION,
    "clientInfo": {"name": "benchmark", "version": "1"},
    "clientCapabilities": {},
}
