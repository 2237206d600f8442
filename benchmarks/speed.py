"""What a call costs beyond the HTTP request behind it, side by side with a plain server on the SDK.

    python benchmarks/speed.py            latency and throughput
    python benchmarks/speed.py --memory   resident memory through 10,000 calls

All three contestants (a bare httpx2 request, the plain server, this one) take turns in one run against one
sandbox in a process of its own, so that a noisy machine is noisy for all of them.
"""

import argparse
import os
import statistics
import subprocess
import sys
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import AsyncExitStack, asynccontextmanager, contextmanager
from pathlib import Path

import anyio
import httpx2
from mcp import Client, StdioServerParameters
from mcp.client.stdio import stdio_client

HERE = Path(__file__).parent
SERVERS = {
    "plain server on the SDK": [str(HERE / "plain_server.py")],
    "convirza-mcp": ["-m", "convirza_mcp", "serve"],
}
TOOL = "list_sms_conversations"
CALLS_A_TURN = 20

Call = Callable[[], Awaitable[object]]


@contextmanager
def sandbox(delay: float = 0.0, conversations: int = 400) -> Iterator[dict[str, str]]:
    """A sandbox in a process of its own, and the environment that points to it."""
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


@asynccontextmanager
async def server_client(arguments: list[str], environment: dict[str, str]) -> AsyncIterator[Client]:
    # The tool-call limit is for accidents; a measurement is none.
    settings = os.environ | environment | {"CONVIRZA_MAX_CALLS_PER_MINUTE": "0"}
    parameters = StdioServerParameters(command=sys.executable, args=arguments, env=settings)
    # Its log is a line a call.
    with Path(os.devnull).open("w") as log:  # noqa: ASYNC230 - nothing that could wait
        async with Client(stdio_client(parameters, errlog=log)) as client:
            yield client


async def contestants(stack: AsyncExitStack, environment: dict[str, str]) -> dict[str, Call]:
    bare = await stack.enter_async_context(
        httpx2.AsyncClient(
            base_url=environment["CONVIRZA_BASE_URL"],
            headers={"Authorization": f"Bearer {environment['CONVIRZA_TOKEN']}"},
            limits=httpx2.Limits(max_connections=64, max_keepalive_connections=64),
        )
    )
    calls: dict[str, Call] = {"bare httpx2 request": lambda: bare.get("conversations/sms", params={"limit": 7})}
    for name, arguments in SERVERS.items():
        client = await stack.enter_async_context(server_client(arguments, environment))
        calls[name] = lambda client=client: client.call_tool(TOOL, {"limit": 7})
    return calls


async def latency(rounds: int) -> None:
    with sandbox() as environment:
        async with AsyncExitStack() as stack:
            calls = await contestants(stack, environment)
            taken: dict[str, list[float]] = {name: [] for name in calls}
            for turn in range(rounds // CALLS_A_TURN + 2):
                for name, call in calls.items():
                    for nth in range(CALLS_A_TURN):
                        began = time.perf_counter()
                        await call()
                        # The first turns and the first call of a turn find the process cold.
                        if turn >= 2 and nth:
                            taken[name].append((time.perf_counter() - began) * 1_000)
    bare = statistics.median(taken["bare httpx2 request"])
    print(f"A warm call of 7 rows, milliseconds, {rounds} calls each, {CALLS_A_TURN} in turn:")
    for name, times in taken.items():
        ordered = sorted(times)
        median = statistics.median(ordered)
        p95 = ordered[len(ordered) * 95 // 100]
        print(f"  {name:<24} median {median:5.2f}  p95 {p95:5.2f}  adds {median - bare:5.2f}")


async def throughput(calls_each: int, delay: float) -> None:
    with sandbox(delay) as environment:
        async with AsyncExitStack() as stack:
            calls = await contestants(stack, environment)
            rates: dict[str, list[float]] = {name: [] for name in calls}
            for _ in range(3):
                for name, call in calls.items():
                    began = time.perf_counter()
                    async with anyio.create_task_group() as tasks:
                        for _ in range(64):
                            tasks.start_soon(_repeat, call, calls_each // 64)
                    rates[name].append(calls_each // 64 * 64 / (time.perf_counter() - began))
    print(f"64 calls at once, an answer in {delay * 1_000:g} ms, calls a second (median of 3 turns):")
    for name, measured in rates.items():
        print(f"  {name:<24} {statistics.median(measured):6.0f}")


async def _repeat(call: Call, times: int) -> None:
    for _ in range(times):
        await call()


async def memory(calls_each: int) -> None:
    with sandbox() as environment:
        for name, arguments in SERVERS.items():
            before = set(_children())
            async with server_client(arguments, environment) as client:
                await client.call_tool(TOOL, {"limit": 7})
                (process,) = set(_children()) - before
                at_start = _resident(process)
                for _ in range(calls_each):
                    await client.call_tool(TOOL, {"limit": 7})
                print(f"{name:<24} {at_start:5.1f} MiB at start, {_resident(process):5.1f} after {calls_each} calls")


def _children() -> list[int]:
    return [int(child) for child in Path(f"/proc/{os.getpid()}/task/{os.getpid()}/children").read_text().split()]


def _resident(process: int) -> float:
    status = Path(f"/proc/{process}/status").read_text(encoding="ascii")
    return int(status.partition("VmRSS:")[2].split()[0]) / 1024


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=1_000)
    parser.add_argument("--memory", action="store_true")
    given = parser.parse_args()
    if given.memory:
        anyio.run(memory, 10_000)
    else:
        anyio.run(latency, given.rounds)
        anyio.run(throughput, 3_200, 0.003)


if __name__ == "__main__":
    main()
