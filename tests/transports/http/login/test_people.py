"""The Convirza logins behind the grants: one for each person, kept while a grant needs it, and ended with the last."""

import sqlite3
from pathlib import Path

import anyio
import pytest
from cryptography.fernet import Fernet

from convirza_mcp.sandbox import Sandbox
from convirza_mcp.transports.http import app
from convirza_mcp.transports.http.login.grants.tokens import account_in
from support.http_servers import headers, message
from support.oauth_clients import STORE_KEY, Clock, LoginServer, login_server, name_of, plain_client

CHATGPT = {
    "client_id": "https://chatgpt.com/oauth/client.json",
    "redirect": "https://chatgpt.com/connector_platform_oauth_redirect",
}
SANDBOX = {"conversations": 80, "login_limit": None}


def sent(sandbox: Sandbox, endpoint: str) -> int:
    return sum(each.path == f"/oauth/{endpoint}" for each in sandbox.requests)


async def names(server: LoginServer, prefix: str) -> list[str]:
    return await server.mode.store.names(prefix)


async def test_each_person_sees_what_is_theirs(server: LoginServer) -> None:
    people = server.sandbox.logins[:3]
    async with plain_client(server) as client:
        tokens = [(await client.tokens(person))["access_token"] for person in people]
        seen = [await client.agents(each) for each in tokens]

    assert seen == [{name_of(person)} for person in people]
    assert len(await names(server, "pair:")) == 3


async def test_all_clients_of_a_person_share_one_login(server: LoginServer) -> None:
    person = server.sandbox.logins[1]
    async with plain_client(server) as claude, plain_client(server, **CHATGPT) as chatgpt:
        first, second = await claude.tokens(person), await chatgpt.tokens(person)
        assert len(await names(server, "pair:")) == 1
        assert len(await names(server, "grant:")) == 2
        server.sandbox.expire_access_tokens()
        async with anyio.create_task_group() as tasks:
            for client, token in ((claude, first), (chatgpt, second)):
                tasks.start_soon(client.agents, token["access_token"])
        assert sent(server.sandbox, "refresh-token") == 1

        assert (await claude.post("/revoke", token=first["refresh_token"])).status_code == 200
        assert sent(server.sandbox, "revoke-token") == 0
        assert await chatgpt.agents(second["access_token"]) == {name_of(person)}
        assert (await chatgpt.post("/revoke", token=second["access_token"])).status_code == 200

    assert sent(server.sandbox, "revoke-token") == 2
    assert await names(server, "pair:") == await names(server, "grant:") == []


async def test_when_convirza_ends_a_login_all_grants_of_that_person_end(server: LoginServer) -> None:
    ended, other = server.sandbox.logins[:2]
    async with plain_client(server) as claude, plain_client(server, **CHATGPT) as chatgpt:
        first, second = await claude.tokens(ended), await chatgpt.tokens(ended)
        third = await claude.tokens(other)
        await claude.agents(first["access_token"])
        server.sandbox.end_logins(ended.ct_user_id)
        failed = (await claude.call(first["access_token"])).json()["result"]

        assert (failed["isError"], "log in" in failed["content"][0]["text"]) == (True, True)
        for client, tokens in ((claude, first), (chatgpt, second)):
            assert (await client.call(tokens["access_token"])).status_code == 401
            assert (await client.refresh(tokens["refresh_token"])).status_code == 400
        assert await claude.agents(third["access_token"]) == {name_of(other)}
        assert len(await names(server, "pair:")) == 1
        assert sent(server.sandbox, "revoke-token") == 0

        again = await claude.tokens(ended)
        assert await claude.agents(again["access_token"]) == {name_of(ended)}


async def test_a_second_login_serves_the_clients_of_the_first(server: LoginServer) -> None:
    person = server.sandbox.logins[2]
    async with plain_client(server) as claude, plain_client(server, **CHATGPT) as chatgpt:
        first = await claude.tokens(person)
        await claude.agents(first["access_token"])
        server.sandbox.end_logins(person.ct_user_id)
        second = await chatgpt.tokens(person)

        assert await chatgpt.agents(second["access_token"]) == {name_of(person)}
        assert await claude.agents(first["access_token"]) == {name_of(person)}
        assert sent(server.sandbox, "refresh-token") == 0


async def test_a_login_whose_client_never_came_back_is_released(sandbox: Sandbox, tmp_path: Path) -> None:
    sandbox.requests.clear()
    clock = Clock()
    async with login_server(sandbox, tmp_path, clock=clock) as server, plain_client(server) as client:
        kept = await client.tokens(sandbox.logins[0])
        await client.tokens(sandbox.logins[1])
        await client.code(sandbox.logins[2])
        clock.seconds += 61
        await server.mode.people.release_unused()
        assert (len(await names(server, "pair:")), sent(sandbox, "revoke-token")) == (2, 2)

        clock.seconds += 29 * 86_400
        kept = (await client.refresh(kept["refresh_token"])).json()
        clock.seconds += 2 * 86_400
        await server.mode.people.release_unused()
        assert (len(await names(server, "pair:")), sent(sandbox, "revoke-token")) == (1, 4)
        assert (await client.refresh(kept["refresh_token"])).status_code == 200


async def test_a_person_keeps_the_account_while_keys_are_replaced(sandbox: Sandbox, tmp_path: Path) -> None:
    person = sandbox.logins[0]
    new = Fernet.generate_key().decode()
    port, before, refresh = 0, list[str](), ""
    for keys in (STORE_KEY, f"{STORE_KEY},{new}", f"{new}, {STORE_KEY}", new):
        async with (
            login_server(sandbox, tmp_path, port=port, settings={"store_keys": keys}) as server,
            plain_client(server) as client,
        ):
            if refresh:
                # Which encrypts the grant with the first key.
                refresh = (await client.refresh(refresh)).json()["refresh_token"]
            tokens = await client.tokens(person)
            assert await client.agents(tokens["access_token"]) == {name_of(person)}
            refresh = refresh or tokens["refresh_token"]
            before = before or await names(server, "pair:")
            port = client.http.build_request("GET", server.url).url.port or 0

            assert await names(server, "pair:") == before
            found = await server.mode.people.grants_of(person.email)
            assert {f"pair:{account_in(each)}" for each in found} == {*before}


async def test_an_account_is_one_persons_even_if_addresses_look_alike(server: LoginServer) -> None:
    people = server.mode.people
    alike = ["kim@x.example", "\u212aim@x.example", "strasse@x.example", "stra\u00dfe@x.example", "kim@x.example."]

    assert len({people.account_of(each) for each in alike}) == len(alike)
    assert people.account_of(" Kim@X.Example ") == people.account_of("kim@x.example")


async def test_restarting_the_server_loses_no_grant(sandbox: Sandbox, tmp_path: Path) -> None:
    person = sandbox.logins[1]
    async with login_server(sandbox, tmp_path) as server, plain_client(server) as client:
        tokens = await client.tokens(person)
        port = client.http.build_request("GET", server.url).url.port
    async with login_server(sandbox, tmp_path, port=port or 0) as server, plain_client(server) as client:
        assert await client.agents(tokens["access_token"]) == {name_of(person)}
        refreshed = await client.refresh(tokens["refresh_token"])

        assert await client.agents(refreshed.json()["access_token"]) == {name_of(person)}


async def test_listening_ends_with_the_grant(sandbox: Sandbox, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(app, "_SECONDS_BETWEEN_GRANT_CHECKS", 0.02)
    method = "subscriptions/listen"
    content = message(method, {"notifications": {"resourceSubscriptions": ["convirza://sms/inbox"]}})
    async with login_server(sandbox, tmp_path) as server, plain_client(server) as client:
        tokens = await client.tokens()
        request = client.http.build_request(
            "POST", server.url, json=content, headers=headers(method, token=tokens["access_token"])
        )
        response = await client.http.send(request, stream=True)
        lines = response.aiter_lines()
        async for line in lines:
            if line.startswith("data:"):
                break
        assert (await client.post("/revoke", token=tokens["refresh_token"])).status_code == 200
        with anyio.fail_after(10):
            last = [line async for line in lines if line.startswith("data:")]

    assert '"result"' in last[-1]


async def test_each_account_has_its_own_aliases(sandbox: Sandbox, tmp_path: Path) -> None:
    private = {"privacy": "mask", "privacy_key": b"k" * 32}
    async with login_server(sandbox, tmp_path, settings=private) as server, plain_client(server) as client:
        sources = []
        for person in sandbox.logins[:2]:
            answer = await client.call((await client.tokens(person))["access_token"], type="allOpen", limit=20)
            rows = answer.json()["result"]["structuredContent"]["rows"]
            sources.append({row[0]: row[3] for row in rows})

    shared = sources[0].keys() & sources[1].keys()
    assert shared
    assert all(sources[0][each] != sources[1][each] for each in shared)


async def test_the_store_names_nobody(server: LoginServer, tmp_path: Path) -> None:
    person = server.sandbox.logins[1]
    async with plain_client(server) as client:
        tokens = await client.tokens(person)
    connection = sqlite3.connect(tmp_path / "store.sqlite")
    try:
        content = repr([*connection.iterdump()])
    finally:
        connection.close()

    assert "grant:" in content
    for secret in (person.email, person.password, tokens["access_token"], tokens["refresh_token"], "sandbox-access"):
        assert secret not in content
