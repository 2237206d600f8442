"""Connections: one on which no request arrives is closed, whatever came before on it."""

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager

import anyio
import pytest
from anyio.abc import SocketStream

from convirza_mcp import ConvirzaClient, Settings
from convirza_mcp.transports.http.app import http_app
from convirza_mcp.transports.http.connections import bound_socket
from convirza_mcp.transports.http.settings import HttpSettings
from support.http_servers import running
from support.rows import answering, envelope

HEALTH = b"GET /healthz HTTP/1.1\r\nHost: any.example\r\n\r\n"


@asynccontextmanager
async def served(head_seconds: float, max_connections: int | None = None) -> AsyncIterator[int]:
    """Serve in this event loop; give the port."""
    settings, transport = Settings(token="CNVZ-AT-7f3e9d"), answering(envelope([]))
    listening = bound_socket("127.0.0.1", 0)
    port = listening.getsockname()[1]
    app = http_app(
        settings,
        HttpSettings(),
        url=f"http://127.0.0.1:{port}/mcp",
        open_client=lambda _, tasks: ConvirzaClient.from_settings(settings, transport=transport, tasks=tasks),
        loopback_port=port,
    )
    async with running(app, listening, head_seconds=head_seconds, max_connections=max_connections):
        with anyio.fail_after(30):
            yield port


async def ask_for_health(stream: SocketStream) -> None:
    await stream.send(HEALTH)
    answer = b""
    while not answer.endswith(b"ok"):
        answer += await stream.receive()


async def rest(stream: SocketStream) -> bytes:
    return b"".join([piece async for piece in stream])


@pytest.mark.parametrize(
    ("earlier", "beginning"),
    [(0, b""), (0, b"POST /mc"), (0, b"POST /mcp HTTP/1.1\r\nHost: x\r\n"), (1, b"POST /mc")],
)
async def test_a_head_that_does_not_arrive_ends_the_connection(earlier: int, beginning: bytes) -> None:
    async with served(head_seconds=0.1) as port, await anyio.connect_tcp("127.0.0.1", port) as stream:
        for _ in range(earlier):
            await ask_for_health(stream)
        if beginning:
            await stream.send(beginning)

        assert await rest(stream) == b""


async def test_an_idle_connection_stays_open() -> None:
    async with served(head_seconds=0.1) as port, await anyio.connect_tcp("127.0.0.1", port) as idle:
        await ask_for_health(idle)
        # By its end, the time has passed for the other one too.
        async with await anyio.connect_tcp("127.0.0.1", port) as silent:
            assert await rest(silent) == b""

        await ask_for_health(idle)


HALF_A_BODY = b"POST /mcp HTTP/1.1\r\nHost: %s\r\nContent-Type: application/json\r\nContent-Length: 9\r\n\r\n{"


@pytest.mark.parametrize("beginning", [b"", b"POST /mc", HEALTH, HALF_A_BODY], ids=["none", "head", "served", "body"])
async def test_of_too_many_connections_the_one_that_waits_longest_is_closed(beginning: bytes) -> None:
    async with served(head_seconds=30, max_connections=4) as port, AsyncExitStack() as stack:
        streams = []
        for _ in range(9):
            stream = await stack.enter_async_context(await anyio.connect_tcp("127.0.0.1", port))
            streams.append(stream)
            if beginning == HEALTH:
                await ask_for_health(stream)
            elif beginning:
                await stream.send(beginning.replace(b"%s", f"127.0.0.1:{port}".encode()))
        for each in streams[:5]:
            assert await rest(each) == b""
        await ask_for_health(await stack.enter_async_context(await anyio.connect_tcp("127.0.0.1", port)))
