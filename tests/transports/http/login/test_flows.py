"""The SDK's client logs its user in, calls tools, and comes back."""

from pathlib import Path

import httpx2
from mcp.client.session import ClientSession
from mcp.client.streamable_http import streamable_http_client

from convirza_mcp.sandbox import Sandbox
from support.oauth_clients import Memory, login_server, name_of, sdk_client


async def test_a_client_registers_and_reads_its_users_inbox(tmp_path: Path) -> None:
    memory = Memory()
    with Sandbox() as sandbox:
        async with login_server(sandbox, tmp_path) as server:
            auth = sdk_client(server.url, memory, sandbox.logins[1])
            async with (
                httpx2.AsyncClient(auth=auth, timeout=30) as http,
                streamable_http_client(server.url, http_client=http) as streams,
                ClientSession(streams[0], streams[1]) as session,
            ):
                await session.initialize()
                result = await session.call_tool("list_sms_conversations", {"type": "assignedToYou"})

    assert not result.is_error
    assert result.structured_content is not None
    assert {row[5] for row in result.structured_content["rows"]} == {name_of(sandbox.logins[1])}
    assert memory.tokens is not None
