"""Mutated requests over HTTP, in both protocol eras: no 500, no traceback, and the next request is answered."""

import json
import random
from typing import Any

import anyio
import pytest

from support.http_servers import ACCEPTS, HttpProcess, headers, http_process, message

TOOL = "list_sms_conversations"
SEEDS = [
    (message("tools/call", {"name": TOOL, "arguments": {"limit": 2}}), headers("tools/call", TOOL)),
    (message("resources/read", {"uri": "convirza://sms/inbox"}), headers("resources/read", "convirza://sms/inbox")),
    (message("server/discover"), headers("server/discover")),
    ({"jsonrpc": "2.0", "id": 1, "method": "tools/call", "params": {"name": TOOL, "arguments": {"limit": 2}}}, ACCEPTS),
    ({"jsonrpc": "2.0", "id": 1, "method": "tools/list"}, ACCEPTS | {"MCP-Protocol-Version": "2025-06-18"}),
    ({"jsonrpc": "2.0", "method": "notifications/initialized"}, ACCEPTS),
    (
        {
            "jsonrpc": "2.0",
            "id": 1,
            "method": "initialize",
            "params": {
                "protocolVersion": "2025-11-25",
                "capabilities": {},
                "clientInfo": {"name": "t", "version": "0"},
            },
        },
        ACCEPTS,
    ),
]
ODD = [
    *(None, True, -1, 0, 1e400, 2**70, "", "x", "\ud800", "\x00", "‮", [], {}, [[]], {"a": 1}),
    *("A" * 5_000, "tools/call", "ping", "2026-07-28", "1999-01-01", "../../etc/passwd"),
]
BODIES = [b"[" * 50_000, b'{"a":' * 20_000, b"[]", b"null", b"\xff\xfe", b"9" * 6_000, b"[1,2]"]
METHODS = ["POST"] * 12 + ["GET", "HEAD", "DELETE", "PUT", "OPTIONS", "TRACE", "CONNECT", "post", "P\x01ST", ""]
PATHS = ["/mcp"] * 12 + ["/mcp/", "/", "/mcp?x=1", "/%6dcp", "/mcp/../mcp", "//mcp", "http://evil/mcp", "/healthz", "*"]
FIELDS = [
    *("Mcp-Session-Id: x", "MCP-Protocol-Version: 2026-07-28", "MCP-Protocol-Version: nonsense", "Mcp-Method: ping"),
    *("Mcp-Name: x", "Mcp-Param-Limit: 3", "Content-Type: text/plain", "Accept: text/html", "Last-Event-ID: 3"),
    *("Transfer-Encoding: chunked", "Content-Length: 5", "Content-Length: -1", "Expect: 100-continue", "Origin: null"),
    *("Authorization: Bearer x", "Upgrade: websocket\r\nConnection: upgrade", "Host: evil", "X: \xff", "Y" * 3_000),
    *("Content-Encoding: gzip", "Connection: close", "Accept-Encoding: gzip", "Cookie: a=b", "traceparent: 00-x"),
]


def mutated_value(chance: random.Random, value: Any) -> Any:
    if chance.random() < 0.15:
        return chance.choice(ODD)
    match value:
        case dict():
            changed = {key: mutated_value(chance, each) for key, each in value.items() if chance.random() > 0.05}
            if chance.random() < 0.1:
                changed[chance.choice(["id", "params", "_meta", "x", "method"])] = chance.choice(ODD)
            return changed
        case list():
            return [mutated_value(chance, each) for each in value]
        case _:
            return value


def mutated_request(chance: random.Random, host: str) -> bytes:
    body, fields = chance.choice(SEEDS)
    content = json.dumps(mutated_value(chance, body)).encode("utf-8", "surrogatepass")
    match chance.randrange(8):
        case 0:
            content = content[: chance.randrange(len(content) + 1)]
        case 1:
            position = chance.randrange(len(content) + 1)
            content = content[:position] + chance.randbytes(3) + content[position:]
        case 2:
            content = chance.choice(BODIES)
        case _:
            pass
    lines = [f"{name}: {value}" for name, value in fields.items() if chance.random() > 0.05]
    lines += [chance.choice(FIELDS) for _ in range(chance.randrange(3) if chance.random() < 0.4 else 0)]
    lines += [f"Host: {host}", f"Content-Length: {len(content)}"]
    chance.shuffle(lines)
    head = "\r\n".join(
        [f"{chance.choice(METHODS)} {chance.choice(PATHS)} HTTP/1.1", *lines, "Connection: close", "", ""]
    )
    return head.encode("latin-1", "replace") + content


async def answer(server: HttpProcess, request: bytes) -> bytes:
    """What comes back until the server closes the connection, or falls silent over half a request."""
    found = bytearray()
    with anyio.move_on_after(5):
        async with await anyio.connect_tcp(*server.address) as stream:
            try:
                await stream.send(request)
                async for piece in stream:
                    found += piece
            except (anyio.BrokenResourceError, anyio.ClosedResourceError):
                pass
    return bytes(found)


@pytest.mark.long
async def test_each_mutated_http_request_is_answered() -> None:
    chance = random.Random(15)
    statuses: dict[bytes, int] = {}
    with http_process("--demo", CONVIRZA_MAX_CALLS_PER_MINUTE="0") as server:
        host = "{}:{}".format(*server.address)
        good = b"\r\n".join(
            [
                b"POST /mcp HTTP/1.1",
                f"Host: {host}".encode(),
                b"Content-Type: application/json",
                b"Accept: application/json, text/event-stream",
                b"Connection: close",
                b"Content-Length: 40",
                b"",
                b'{"jsonrpc":"2.0","id":1,"method":"ping"}',
            ]
        )
        limit = anyio.CapacityLimiter(8)

        async def send(request: bytes) -> None:
            async with limit:
                found = await answer(server, request)
            status = found[9:12]
            statuses[status] = statuses.get(status, 0) + 1
            assert status != b"500", (request[:2_000], found[:500])

        for _ in range(100):
            async with anyio.create_task_group() as tasks:
                for _ in range(100):
                    tasks.start_soon(send, mutated_request(chance, host))
            with anyio.fail_after(30):
                assert (await answer(server, good)).startswith(b"HTTP/1.1 200")
        server.process.terminate()
        status, err = server.end(8)

    assert (status, "Traceback" in err) == (0, False)
    assert {line for line in err.splitlines() if '"level":"ERROR"' in line} == set()
    print(statuses)  # noqa: T201 - the long run's record
    assert b"200" in statuses
    assert b"400" in statuses
