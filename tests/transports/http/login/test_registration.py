"""Registration and redirects at the endpoints: what a client is told, and that no browser is sent elsewhere."""

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from convirza_mcp.sandbox import Sandbox
from convirza_mcp.transports.http.login.clients import MAX_REGISTRATIONS, REGISTRATIONS_SECONDS
from convirza_mcp.transports.http.login.public_fetch import PublicFetch
from support.oauth_clients import PlainClient, login_server, plain_client

REDIRECT = "https://tool.example.com/callback?team=1"


@pytest.fixture
async def client(tmp_path: Path) -> AsyncIterator[PlainClient]:
    with Sandbox(conversations=1) as sandbox:
        async with login_server(sandbox, tmp_path) as server, plain_client(server, redirect=REDIRECT) as client:
            yield client


async def register(client: PlainClient, **metadata: Any) -> Any:
    content = {"redirect_uris": [REDIRECT], "client_name": "Team tool", **metadata}
    return await client.http.post(f"{client.server.issuer}/register", json=content)


async def test_the_answer_says_what_is_kept(client: PlainClient) -> None:
    answer = await register(client, client_name="Team\u202e tool\r\n", logo_uri="https://tool.example.com/x.png")

    found = answer.json()
    assert answer.status_code == 201
    assert (found["client_name"], found["scope"], found["redirect_uris"]) == ("Team tool", "sms:read", [REDIRECT])
    assert "logo_uri" not in found


async def test_a_redirect_that_cannot_be_used_is_refused(client: PlainClient) -> None:
    for redirect in ("myapp://callback", "http://tool.example.com/", "https://x@a.example/", "https://a.example/#x"):
        answer = await register(client, redirect_uris=[REDIRECT, redirect])

        assert (answer.status_code, answer.json()["error"]) == (400, "invalid_redirect_uri"), redirect


async def test_a_flood_is_told_to_wait(client: PlainClient) -> None:
    for _ in range(MAX_REGISTRATIONS):
        await client.server.mode.store.count("registrations", seconds=REGISTRATIONS_SECONDS)

    answer = await register(client)

    assert (answer.status_code, answer.headers["retry-after"]) == (429, "3600")


async def test_a_large_body_is_not_read(client: PlainClient) -> None:
    answer = await register(client, client_name="n" * 100_000)

    assert answer.status_code == 413


FORGED = [
    "https://evil.example/callback?team=1",
    "https://tool.example.com/other?team=1",
    "https://tool.example.com/callback?team=2",
    "https://tool.example.com/callback",
    "https://tool.example.com:444/callback?team=1",
    "http://tool.example.com/callback?team=1",
    "https://x@tool.example.com/callback?team=1",
    "https://tool.example.com@evil.example/callback?team=1",
    "https://tool.example.com/callback?team=1#x",
    "https://tool.example.com/callback?team=1%0d%0aSet-Cookie:a=b",
    "//evil.example",
    "javascript:alert(1)",
    "",
]


async def test_no_browser_is_sent_to_a_forged_redirect(client: PlainClient) -> None:
    await client.register()

    for forged in FORGED:
        for changed in ({}, {"scope": "other"}, {"code_challenge": "short"}, {"resource": "https://other.example/mcp"}):
            answer = await client.http.get(client.authorize_url(redirect_uri=forged, **changed))

            assert (answer.status_code, answer.headers.get("location")) == (400, None), forged
            assert "set-cookie" not in answer.headers


INSIDE = ("127.0.0.1", "[::1]", "localhost", "169.254.169.254", "0x7f000001")


async def test_no_document_is_fetched_from_inside(tmp_path: Path) -> None:
    with Sandbox(conversations=1) as sandbox:
        async with (
            login_server(sandbox, tmp_path, mode={"fetch": PublicFetch()}) as server,
            plain_client(server) as client,
        ):
            for host in INSIDE:
                answer = await client.http.get(client.authorize_url(client_id=f"https://{host}/id.json"))

                assert (answer.status_code, answer.headers.get("location")) == (400, None), host
