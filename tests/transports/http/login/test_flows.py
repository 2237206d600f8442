"""The SDK's client logs its user in, calls tools, and comes back: by registration, by document, and with a typed id."""

from pathlib import Path

import httpx2
from mcp.client.session import ClientSession
from mcp.client.streamable_http import streamable_http_client
from mcp.shared.auth import OAuthClientInformationFull
from mcp_types import TextContent

from convirza_mcp.sandbox import Sandbox
from support.oauth_clients import Clock, Memory, SdkClient, login_server, name_of, plain_client

CLAUDE_CODE = "https://claude.ai/oauth/claude-code-client-metadata"
SANDBOX = {"login_limit": None}


async def agents_seen(client: SdkClient) -> set[str | None]:
    async with (
        httpx2.AsyncClient(auth=client.auth, timeout=30) as http,
        streamable_http_client(client.server.url, http_client=http) as streams,
        ClientSession(streams[0], streams[1]) as session,
    ):
        await session.initialize()
        result = await session.call_tool("list_sms_conversations", {"type": "assignedToYou"})
    assert not result.is_error, result
    assert result.structured_content is not None
    assert isinstance(result.content[0], TextContent)
    return {row[5] for row in result.structured_content["rows"]}


async def comes_back(client: SdkClient, clock: Clock) -> None:
    """Return after the access token has ended: with a refresh, and without the user."""
    assert client.memory.tokens is not None
    first = client.memory.tokens
    clock.seconds += 7_200
    client.auth.context.token_expiry_time = 1.0

    assert await agents_seen(client) == {name_of(client.login)}
    assert client.logins == 1
    assert client.memory.tokens.refresh_token != first.refresh_token


async def first_and_later_visit(client: SdkClient, clock: Clock) -> None:
    assert await agents_seen(client) == {name_of(client.login)}
    await comes_back(client, clock)


async def test_a_client_that_registers(sandbox: Sandbox, tmp_path: Path) -> None:
    clock = Clock()
    async with login_server(sandbox, tmp_path, clock=clock) as server:
        client = SdkClient(server, sandbox.logins[1])
        await first_and_later_visit(client, clock)

    assert client.memory.client is not None
    assert client.memory.client.scope == "sms:read"


async def test_a_client_with_a_document(sandbox: Sandbox, tmp_path: Path) -> None:
    clock = Clock()
    async with login_server(sandbox, tmp_path, clock=clock) as server:
        client = SdkClient(server, sandbox.logins[2], document=CLAUDE_CODE, redirect="http://localhost:50123/callback")
        await first_and_later_visit(client, clock)

    assert client.memory.client is not None
    assert client.memory.client.client_id == CLAUDE_CODE


async def test_a_client_whose_id_was_typed_in(sandbox: Sandbox, tmp_path: Path) -> None:
    clock = Clock()
    async with login_server(sandbox, tmp_path, clock=clock) as server:
        async with plain_client(server, redirect="http://127.0.0.1:33418/callback") as registering:
            found = await registering.register(token_endpoint_auth_method="client_secret_basic")
        memory = Memory(client=OAuthClientInformationFull.model_validate(found | {"issuer": server.issuer}))
        await first_and_later_visit(SdkClient(server, sandbox.logins[0], memory), clock)

    assert memory.client is not None
    assert memory.client.client_id == found["client_id"]


async def test_a_login_that_convirza_ended_is_asked_for_again(sandbox: Sandbox, tmp_path: Path) -> None:
    async with login_server(sandbox, tmp_path) as server:
        client = SdkClient(server, sandbox.logins[3])
        assert await agents_seen(client) == {name_of(client.login)}
        sandbox.end_logins(client.login.ct_user_id)
        async with plain_client(server) as other:
            assert client.memory.tokens is not None
            refused = await other.call(client.memory.tokens.access_token, type="assignedToYou")
            again = await other.call(client.memory.tokens.access_token)

        assert refused.json()["result"]["isError"]
        assert "Connect this server again" in refused.text
        assert (again.status_code, "invalid_token" in again.headers["www-authenticate"]) == (401, True)
        assert await agents_seen(client) == {name_of(client.login)}
        assert client.logins == 2
