"""Warm calls over stdio: how long one takes, how many a second 64 at once make, and the memory after 10,000."""

import time
from collections.abc import Awaitable, Callable, Iterator, Mapping
from contextlib import AsyncExitStack
from pathlib import Path
from statistics import median

import anyio
import httpx2
from contestants import BARE, NODE, OURS, TOOL, Measure, commands, connected, resident, sandbox

_CALLS_A_TURN = 20
_AT_ONCE = 64
_DELAY = 0.003
_MANY = 10_000

Call = Callable[[], Awaitable[object]]


def measure(rounds: int, node: Path | None) -> Iterator[Measure]:
    for rows in (7, 50):
        yield anyio.run(_latency, rows, rounds * 60, node)
    yield anyio.run(_throughput, 3_200, node)
    yield from anyio.run(_memory, node)


async def _contestants(
    stack: AsyncExitStack, environment: Mapping[str, str], rows: int, node: Path | None
) -> dict[str, Call]:
    bare = await stack.enter_async_context(
        httpx2.AsyncClient(
            base_url=environment["CONVIRZA_BASE_URL"],
            headers={"Authorization": f"Bearer {environment['CONVIRZA_TOKEN']}"},
            limits=httpx2.Limits(max_connections=_AT_ONCE, max_keepalive_connections=_AT_ONCE),
        )
    )
    calls: dict[str, Call] = {BARE: lambda: bare.get("conversations/sms", params={"limit": rows})}
    for name, command in commands(environment, node).items():
        client, _ = await stack.enter_async_context(connected(command, environment))
        tool = TOOL if name != NODE else (await client.list_tools()).tools[0].name
        calls[name] = lambda client=client, tool=tool: client.call_tool(tool, {"limit": rows})
    return calls


async def _latency(rows: int, calls_each: int, node: Path | None) -> Measure:
    with sandbox() as environment:
        async with AsyncExitStack() as stack:
            calls = await _contestants(stack, environment, rows, node)
            taken: dict[str, list[float]] = {name: [] for name in calls}
            for turn in range(calls_each // _CALLS_A_TURN + 2):
                for name, call in calls.items():
                    for nth in range(_CALLS_A_TURN):
                        began = time.perf_counter()
                        await call()
                        # The first turns and the first call of a turn find the process cold.
                        if turn >= 2 and nth:
                            taken[name].append((time.perf_counter() - began) * 1_000)
    values = {name: median(times) for name, times in taken.items()}
    # With more rows the official client's check of structured content weighs more than all else.
    return Measure(f"a warm call, {rows} rows", "ms", values, limit=1.0 if rows == 7 else None)


async def _throughput(calls_each: int, node: Path | None) -> Measure:
    with sandbox(_DELAY) as environment:
        async with AsyncExitStack() as stack:
            calls = await _contestants(stack, environment, 7, node)
            rates: dict[str, list[float]] = {name: [] for name in calls}
            for _ in range(3):
                for name, call in calls.items():
                    began = time.perf_counter()
                    async with anyio.create_task_group() as tasks:
                        for _ in range(_AT_ONCE):
                            tasks.start_soon(_repeat, call, calls_each // _AT_ONCE)
                    rates[name].append(calls_each // _AT_ONCE * _AT_ONCE / (time.perf_counter() - began))
    values = {name: median(measured) for name, measured in rates.items()}
    return Measure("64 calls at once, an answer in 3 ms", "calls/s", values, limit=1.2, more_is_better=True)


async def _repeat(call: Call, times: int) -> None:
    for _ in range(times):
        await call()


async def _memory(node: Path | None) -> list[Measure]:
    after_start, after_many = {}, {}
    with sandbox() as environment:
        for name, command in commands(environment, node).items():
            async with connected(command, environment) as (client, process):
                tool = TOOL if name != NODE else (await client.list_tools()).tools[0].name
                await client.call_tool(tool, {"limit": 7})
                after_start[name] = resident(process)
                # The node peer's figure after so many is not worth the wait.
                for _ in range(_MANY if name != NODE else 0):
                    await client.call_tool(tool, {"limit": 7})
                if name != NODE:
                    after_many[name] = resident(process)
    assert OURS in after_many
    return [
        Measure("memory after the first call", "MiB", after_start, at_most=80),
        Measure(f"memory after {_MANY:,} calls", "MiB", after_many, at_most=80),
    ]
