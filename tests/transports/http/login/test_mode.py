"""The mode `login` as a whole: documents, challenges, a key beside it, the log, and doctor's view of it."""

import json
import logging
from pathlib import Path

import httpx2
import pytest

from convirza_mcp import Settings
from convirza_mcp.errors import SettingsError
from convirza_mcp.sandbox import Sandbox
from convirza_mcp.setup.doctor.checks.remote import check_remote
from convirza_mcp.store.sqlite import SQLiteStore
from convirza_mcp.transports.http.authentication.keys import KeyFile
from convirza_mcp.transports.http.documents import documents
from convirza_mcp.transports.http.login.mode import LoginMode
from convirza_mcp.transports.http.settings import HttpSettings
from support.http_servers import URL, headers, message
from support.oauth_clients import LoginServer, PlainClient, login_server, name_of, plain_client
from support.snapshots import Snapshot

SANDBOX = {"conversations": 80, "login_limit": None}


async def test_the_documents_are_those_that_clients_need(client: PlainClient) -> None:
    issuer = client.server.issuer
    found = await client.http.get(f"{issuer}/.well-known/oauth-authorization-server")
    resources = [
        (await client.http.get(f"{issuer}/.well-known/oauth-protected-resource{path}")).json() for path in ("", "/mcp")
    ]

    assert found.json() == {
        "issuer": issuer,
        "authorization_endpoint": f"{issuer}/authorize",
        "token_endpoint": f"{issuer}/token",
        "registration_endpoint": f"{issuer}/register",
        "revocation_endpoint": f"{issuer}/revoke",
        "scopes_supported": ["sms:read"],
        "response_types_supported": ["code"],
        "grant_types_supported": ["authorization_code", "refresh_token"],
        "code_challenge_methods_supported": ["S256"],
        "token_endpoint_auth_methods_supported": ["none", "client_secret_post", "client_secret_basic"],
        "client_id_metadata_document_supported": True,
        "authorization_response_iss_parameter_supported": True,
    }
    assert [found.headers[name] for name in ("cache-control", "access-control-allow-origin")] == ["max-age=3600", "*"]
    assert resources[0] == resources[1]
    assert resources[0] == {
        "resource": f"{issuer}/mcp",
        "authorization_servers": [issuer],
        "scopes_supported": ["sms:read"],
        "bearer_methods_supported": ["header"],
        "resource_name": "Convirza SMS inbox",
    }
    for path in ("openid-configuration", "openai-apps-challenge", "oauth-authorization-server/mcp"):
        assert (await client.http.get(f"{issuer}/.well-known/{path}")).status_code == 404


def test_the_challenge_of_openai_is_shown_where_it_looks() -> None:
    found = documents(URL, HttpSettings(http_auth="login", http_openai_challenge="Zm9vYmFy"))

    assert found["/.well-known/openai-apps-challenge"] == (b"Zm9vYmFy", "text/plain; charset=utf-8")


async def test_a_challenge_names_an_error_only_if_a_token_came(client: PlainClient) -> None:
    without = await client.http.post(client.server.url, json={})
    wrong = await client.call("x" * 86)
    metadata = f'Bearer resource_metadata="{client.server.issuer}/.well-known/oauth-protected-resource/mcp"'

    assert without.headers["www-authenticate"] == f'{metadata}, scope="sms:read"'
    assert wrong.headers["www-authenticate"] == f'{metadata}, scope="sms:read", error="invalid_token"'
    assert (without.status_code, wrong.status_code) == (401, 401)


async def instructions(server: LoginServer, token: str, client: httpx2.AsyncClient) -> str:
    method = "server/discover"
    response = await client.post(server.url, json=message(method), headers=headers(method, token=token))
    return str(response.json()["result"]["instructions"])


async def test_keys_stand_beside_logins_and_share_the_servers_own(sandbox: Sandbox, tmp_path: Path) -> None:
    key = KeyFile(tmp_path / "keys.json").add("ci")
    person = sandbox.logins[1]
    async with login_server(sandbox, tmp_path, auth="keys,login") as server, plain_client(server) as client:
        token = (await client.tokens(person))["access_token"]

        assert await client.agents(key) == {name_of(sandbox.logins[0])}
        assert await client.agents(token) == {name_of(person)}
        assert (await client.call(f"cvz_{'A' * 43}")).status_code == 401
        assert "Users with an access key share one Convirza login" in await instructions(server, key, client.http)


async def test_nobody_is_told_of_a_shared_login(client: PlainClient) -> None:
    token = (await client.tokens())["access_token"]

    assert "share" not in await instructions(client.server, token, client.http)


async def test_the_log_names_an_account_and_no_address(client: PlainClient, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO)
    person = client.server.sandbox.logins[2]
    await client.agents((await client.tokens(person))["access_token"])
    lines = [json.loads(each.message) for each in caplog.records if each.name == "convirza_mcp"]

    assert [each["caller"] for each in lines] == [client.server.mode.people.account_of(person.email)[:12]]
    assert person.email not in caplog.text


async def test_names_and_values_of_clients_make_no_lines(
    client: PlainClient, caplog: pytest.LogCaptureFixture, capfd: pytest.CaptureFixture[str]
) -> None:
    caplog.set_level(logging.DEBUG)
    evil = "x\r\n2026-01-01 WARNING forged"
    await client.register(client_name=evil)
    for changed in ({"state": evil}, {"client_id": evil}, {"scope": evil}, {"resource": evil}, {"redirect_uri": evil}):
        await client.http.get(client.authorize_url(**changed))
    await client.exchange(evil, code_verifier=evil)
    await client.refresh(evil)
    await client.post("/revoke", token=evil, client_id=evil)
    output = capfd.readouterr()

    lines = f"{caplog.text}{output.out}{output.err}".splitlines()
    assert [line for line in lines if line.startswith("2026-01-01")] == []


def test_without_keys_for_the_store_it_does_not_start(tmp_path: Path, snapshot: Snapshot) -> None:
    with pytest.raises(SettingsError) as refused:
        LoginMode(Settings(), SQLiteStore(tmp_path / "store.sqlite"), URL)

    snapshot(refused.value)


async def test_doctor_checks_it_from_outside(client: PlainClient, snapshot: Snapshot) -> None:
    found = await check_remote(client.server.url, None, lambda _: None)

    assert [each.ok for each in found] == [True, True, True, True, None]
    snapshot(*(f"{each.name}: {each.detail}" for each in found[2:4]))


async def test_doctor_names_what_a_proxy_keeps_back(client: PlainClient, snapshot: Snapshot) -> None:
    guard = client.server.app.guard
    assert guard.open_endpoints is not None
    found = []
    guard.documents = {k: v for k, v in guard.documents.items() if not k.endswith("authorization-server")}
    found += await check_remote(client.server.url, None, lambda _: None)
    guard.documents = {**guard.documents, **client.server.mode.documents}
    guard.open_endpoints = None
    found += await check_remote(client.server.url, None, lambda _: None)

    faults = [each for each in found if each.ok is False]
    assert len(faults) == 2
    snapshot(*(f"{each.name}: {each.detail} {each.remedy}" for each in faults))
