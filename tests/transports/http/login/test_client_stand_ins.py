"""Stand-ins for the clients that people use: each with its redirect and habits, at its first visit and later ones."""

from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import anyio
import pytest
from pydantic_core import to_json

from convirza_mcp.sandbox import Sandbox
from convirza_mcp.transports.http.login.public_fetch import Fetched, FetchError
from support.oauth_clients import Clock, PlainClient, login_server, name_of, plain_client

CHATGPT = "https://chatgpt.com/oauth/client.json"


@dataclass(frozen=True)
class Habits:
    """What a client does. `later` is its redirect at a later login; `metadata` is what it registers."""

    redirect: str
    client_id: str = ""
    later: str = ""
    metadata: dict[str, Any] | None = None
    sends: dict[str, str] = field(default_factory=dict)
    has_resource: bool = True
    in_header: bool = False


PUBLIC = {"token_endpoint_auth_method": "none"}
CLIENTS = {
    "claude.ai": Habits(
        "https://claude.ai/api/mcp/auth_callback",
        "https://claude.ai/oauth/mcp-oauth-client-metadata",
        later="https://claude.com/api/mcp/auth_callback",
        sends={"scope": "sms:read"},
    ),
    "claude.ai by registration": Habits(
        "https://claude.ai/api/mcp/auth_callback", metadata=PUBLIC | {"scope": "sms:read offline_access"}
    ),
    "ChatGPT": Habits("https://chatgpt.com/connector/oauth/AbC-1", CHATGPT, sends={"scope": "sms:read"}),
    "ChatGPT, its platform's redirect": Habits("https://chatgpt.com/connector_platform_oauth_redirect", CHATGPT),
    "Claude Code": Habits(
        "http://localhost:49152/callback",
        "https://claude.ai/oauth/claude-code-client-metadata",
        later="http://127.0.0.1:61234/callback",
    ),
    "VS Code": Habits(
        "http://127.0.0.1:33418/",
        "https://vscode.dev/oauth/client-metadata.json",
        later="https://insiders.vscode.dev/redirect",
    ),
    "VS Code by registration": Habits(
        "http://127.0.0.1:33418/",
        later="https://vscode.dev/redirect",
        metadata=PUBLIC | {"redirect_uris": ["http://127.0.0.1:33418/", "https://vscode.dev/redirect"]},
    ),
    "Cursor": Habits("cursor://anysphere.cursor-mcp/oauth/callback", metadata=PUBLIC, sends={"scope": "sms:read"}),
    "Cursor's agents": Habits("https://www.cursor.com/agents/mcp/oauth/callback", metadata=PUBLIC),
    "Cursor on loopback": Habits(
        "http://localhost:8787/callback", later="http://localhost:8788/callback", metadata=PUBLIC, has_resource=False
    ),
    "Copilot Studio": Habits(
        "https://global.consent.azure-apim.net/redirect/convirza-5f0c",
        metadata={"token_endpoint_auth_method": "client_secret_post", "grant_types": ["authorization_code"]},
        has_resource=False,
    ),
    "Copilot Studio, secret in the header": Habits(
        "https://global.consent.azure-apim.net/redirect/convirza-5f0c",
        metadata={"token_endpoint_auth_method": "client_secret_basic"},
        has_resource=False,
        in_header=True,
    ),
}
SANDBOX = {"conversations": 60, "login_limit": None}


async def fetch(address: str) -> Fetched:
    """ChatGPT's document can be had; the others' hosts answer with a bot challenge."""
    if address != CHATGPT:
        raise FetchError
    redirects = ["https://chatgpt.com/connector/oauth/AbC-1", "https://chatgpt.com/connector_platform_oauth_redirect"]
    content = {"client_id": CHATGPT, "client_name": "ChatGPT", "redirect_uris": redirects, **PUBLIC}
    return Fetched(to_json(content), "")


async def discovered(client: PlainClient) -> dict[str, Any]:
    """What a client that knows only the address finds out."""
    refused = await client.http.post(client.server.url, json={})
    challenge = refused.headers["www-authenticate"]
    assert (refused.status_code, 'scope="sms:read"' in challenge, "error" in challenge) == (401, True, False)
    about = (await client.http.get(challenge.split('resource_metadata="')[1].split('"')[0])).json()
    assert (about["resource"], about["authorization_servers"]) == (client.server.url, [client.server.issuer])
    found: dict[str, Any] = (
        await client.http.get(f"{client.server.issuer}/.well-known/oauth-authorization-server")
    ).json()
    return found


@pytest.mark.parametrize("name", CLIENTS)
async def test_a_client_connects_calls_and_comes_back(sandbox: Sandbox, tmp_path: Path, name: str) -> None:
    habits, clock = CLIENTS[name], Clock()
    person = sandbox.logins[len(name) % 4]
    async with (
        login_server(sandbox, tmp_path, clock=clock, mode={"fetch": fetch}) as server,
        plain_client(
            server,
            redirect=habits.redirect,
            client_id=habits.client_id,
            sends=habits.sends,
            in_header=habits.in_header,
        ) as client,
    ):
        metadata = await discovered(client)
        assert metadata["client_id_metadata_document_supported"] is True
        if habits.metadata is not None:
            await client.register(**habits.metadata)
        if habits.has_resource:
            client.sends = {**client.sends, "resource": server.url}
        first = await client.tokens(person)
        assert (first["token_type"], first["expires_in"], first["scope"]) == ("Bearer", 3_600, "sms:read")
        assert await client.agents(first["access_token"]) == {name_of(person)}

        clock.seconds += 3_601
        assert (await client.call(first["access_token"])).status_code == 401
        both: list[dict[str, Any]] = []

        async def refresh() -> None:
            answer = await client.refresh(first["refresh_token"])
            assert answer.status_code == 200, answer.text
            both.append(answer.json())

        async with anyio.create_task_group() as tasks:
            tasks.start_soon(refresh)
            tasks.start_soon(refresh)
        assert both[0] == both[1]
        assert await client.agents(both[0]["access_token"]) == {name_of(person)}

        clock.seconds += 29 * 86_400
        again = (await client.refresh(both[0]["refresh_token"])).json()
        assert await client.agents(again["access_token"]) == {name_of(person)}

        if habits.later:
            client.redirect = habits.later
            assert await client.agents((await client.tokens(person))["access_token"]) == {name_of(person)}
