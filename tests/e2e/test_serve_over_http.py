"""The real process over HTTP: both protocol eras, refused starts, hostile connections, and its end."""

import ctypes
import json
import signal
import socket
import struct
import sys
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import ExitStack, asynccontextmanager
from dataclasses import dataclass
from typing import Any

import anyio
import httpx2
import pytest
from mcp import Client

from convirza_mcp.app.page import app_page
from convirza_mcp.sandbox import Sandbox
from convirza_mcp.server.pictures import PAGE
from convirza_mcp.server.prompts import PROMPTS
from support.http_servers import ACCEPTS, HttpProcess, check_upstream_is_freed, headers, http_process, message, until
from support.ports import free_port

TOOL = "list_sms_conversations"
# Linux's number; the module `socket` has no name for it.
SO_ATTACH_FILTER = 26


@pytest.fixture(scope="module")
def server(sandbox: Sandbox) -> Iterator[HttpProcess]:
    with http_process(CONVIRZA_TOKEN=sandbox.token, CONVIRZA_BASE_URL=sandbox.base_url) as server:
        yield server


@pytest.mark.parametrize("era", ["auto", "legacy"])
async def test_the_official_client_gets_everything(server: HttpProcess, era: str) -> None:
    async with Client(server.url, mode=era) as client:
        tools = await client.list_tools()
        page = await client.call_tool(TOOL, {"limit": 3})
        figures = await client.read_resource("convirza://sms/inbox")
        picture = await client.read_resource(PAGE)
        prompts = await client.list_prompts()
        prompt = await client.get_prompt("morning_digest", {})

    assert len(tools.tools) == 6
    assert len(page.structured_content["rows"]) == 3
    assert json.loads(figures.contents[0].text)["coverage"]["complete"]
    assert len(prompts.prompts) == len(PROMPTS)
    assert prompt.messages
    assert picture.contents[0].text == app_page()


async def test_progress_arrives_on_the_stream_of_a_call(server: HttpProcess) -> None:
    for era in ("auto", "legacy"):
        told: list[float] = []

        async def on_progress(pages: float, *_: Any, told: list[float] = told) -> None:
            told.append(pages)

        async with Client(server.url, mode=era) as client:
            await client.call_tool("summarize_sms_inbox", {"start": f"{30 + len(era)}d"}, progress_callback=on_progress)
        assert told == sorted({*told})
        assert told


async def test_a_ping_is_answered_in_both_eras(server: HttpProcess) -> None:
    async with httpx2.AsyncClient() as client:
        modern = await client.post(server.url, json=message("ping"), headers=headers("ping"))
        legacy = await client.post(server.url, json={"jsonrpc": "2.0", "id": 1, "method": "ping"}, headers=ACCEPTS)

    assert (modern.status_code, modern.json()["result"]["resultType"]) == (200, "complete")
    assert (legacy.status_code, '"result":{}' in legacy.text) == (200, True)


def test_a_server_over_http_ends_cleanly_on_sigterm() -> None:
    with http_process("--demo") as server:
        server.process.terminate()
        status, err = server.end(10)

    assert status == 0, err


HALF = b"POST /mcp HTTP/1.1\r\nHost: %b\r\nContent-Type: application/json\r\nContent-Length: 1000\r\n\r\n{"


def test_half_sent_bodies_with_a_bad_host_keep_no_connection(server: HttpProcess) -> None:
    with ExitStack() as stack:
        sockets = [stack.enter_context(socket.create_connection(server.address)) for _ in range(200)]
        for each in sockets:
            each.sendall(HALF % b"evil.example")
        # Three times what is promised; without "close" they would stay for ten seconds or more.
        deadline = time.monotonic() + 3
        for each in sockets:
            each.settimeout(max(0.01, deadline - time.monotonic()))
            answer = b""
            while piece := each.recv(65_536):
                answer += piece
            assert answer.startswith(b"HTTP/1.1 421")


async def test_half_sent_bodies_hold_up_no_other_client(server: HttpProcess) -> None:
    with ExitStack() as stack:
        for _ in range(100):
            each = stack.enter_context(socket.create_connection(server.address))
            each.sendall(HALF % f"{server.address[0]}:{server.address[1]}".encode())
        async with Client(server.url) as client:
            assert not (await client.call_tool(TOOL, {"limit": 1})).is_error


@pytest.mark.long
@pytest.mark.skipif(sys.platform != "linux", reason="it reads /proc")
@pytest.mark.parametrize("era", ["modern", "legacy"])
async def test_closing_the_stream_frees_the_upstream_request(era: str) -> None:
    with (
        Sandbox(delay=20.0) as slow,
        http_process(CONVIRZA_TOKEN=slow.token, CONVIRZA_BASE_URL=slow.base_url) as server,
    ):
        await check_upstream_is_freed(server.url, era, lambda: server.connections_to(slow.base_url))


async def listeners(metrics: str) -> int:
    async with httpx2.AsyncClient(timeout=20) as scraper:
        page = (await scraper.get(f"http://{metrics}/metrics")).text
    return int(float(next(line for line in page.splitlines() if line.startswith("convirza_listeners ")).split()[1]))


async def until_none_listens(metrics: str, seconds: float) -> None:
    with anyio.fail_after(seconds):
        while await listeners(metrics):  # noqa: ASYNC110 - another process has no event to wait for
            await anyio.sleep(0.05)


@pytest.mark.long
async def test_a_listener_that_leaves_is_gone() -> None:
    metrics = f"127.0.0.1:{free_port()}"
    with http_process("--demo", CONVIRZA_HTTP_METRICS=metrics) as server:
        async with listening(server.url):
            assert await listeners(metrics) == 1
        await until_none_listens(metrics, 10)


@pytest.mark.long
@pytest.mark.skipif(sys.platform != "linux", reason="elsewhere the system itself gives up, later")
async def test_a_listener_whose_network_vanishes_is_gone() -> None:
    metrics = f"127.0.0.1:{free_port()}"
    with http_process("--demo", CONVIRZA_HTTP_METRICS=metrics) as server:
        async with listening(server.url) as stream:
            # The kernel then drops what comes in on this socket, and no segment is acknowledged.
            nothing = ctypes.create_string_buffer(struct.pack("HBBI", 0x06, 0, 0, 0))
            program = struct.pack("HL", 1, ctypes.addressof(nothing))
            stream.socket.setsockopt(socket.SOL_SOCKET, SO_ATTACH_FILTER, program)
            # Three times what is promised; without our own timer it would be a quarter of an hour.
            await until_none_listens(metrics, 90)


@pytest.mark.long
@pytest.mark.skipif(sys.platform == "win32", reason="no such signals")
@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
async def test_a_signal_ends_streams_in_good_order(sandbox: Sandbox, number: signal.Signals) -> None:
    with http_process(CONVIRZA_TOKEN=sandbox.token, CONVIRZA_BASE_URL=sandbox.base_url) as server:
        async with listening(server.url) as stream:
            server.process.send_signal(number)
            # The last message of the stream is its result, and not a broken connection.
            assert '"result"' in await event(stream)
        status, err = server.end(6)

    assert (status, "level" in err) == (0, False), err


@pytest.mark.long
@pytest.mark.skipif(sys.platform != "linux", reason="it reads /proc")
async def test_a_signal_ends_a_call_that_takes_too_long() -> None:
    with (
        Sandbox(delay=30.0) as slow,
        http_process(CONVIRZA_TOKEN=slow.token, CONVIRZA_BASE_URL=slow.base_url) as server,
    ):
        async with anyio.create_task_group() as tasks, httpx2.AsyncClient(timeout=30) as client:

            async def call() -> None:
                body = message("tools/call", {"name": TOOL, "arguments": {}})
                response = await client.post(server.url, json=body, headers=headers("tools/call", TOOL))
                assert (response.status_code, response.headers["retry-after"]) == (503, "1")

            tasks.start_soon(call)
            await until(lambda: server.connections_to(slow.base_url) == 1)
            server.process.terminate()
            await anyio.to_thread.run_sync(server.process.wait, 8)
        _, err = server.end(1)

    assert (server.process.returncode, "level" in err) == (0, False), err


async def event(stream: "Listening") -> str:
    async for line in stream.lines:
        if line.startswith("data:") and len(line) > 6:
            return line
    return ""


@dataclass(frozen=True, slots=True)
class Listening:
    lines: AsyncIterator[str]
    socket: socket.socket


@asynccontextmanager
async def listening(url: str) -> AsyncIterator[Listening]:
    """Give a stream that listens to the inbox, after the message that says so."""
    listen = {"notifications": {"resourceSubscriptions": ["convirza://sms/inbox"]}}
    request, named = message("subscriptions/listen", listen), headers("subscriptions/listen")
    async with (
        httpx2.AsyncClient(timeout=20) as client,
        client.stream("POST", url, json=request, headers=named) as stream,
    ):
        found = Listening(stream.aiter_lines(), stream.extensions["network_stream"].get_extra_info("socket"))
        assert "acknowledged" in await event(found)
        yield found
