"""Several replicas on one store: each person's Convirza login is refreshed once for all, and a restart loses none."""

import os
from collections.abc import AsyncIterator, Iterator
from contextlib import AsyncExitStack, aclosing, asynccontextmanager
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import anyio
import httpx2
import pytest

from convirza_mcp import Settings
from convirza_mcp.errors import LoginRefreshError
from convirza_mcp.sandbox import Sandbox
from convirza_mcp.single_flight import background_tasks
from convirza_mcp.store.opening import open_store
from convirza_mcp.transports.http.login.grants.grants import Grants
from convirza_mcp.transports.http.login.grants.people import People, PersonalCredential
from support.login_pages import PENDING
from support.oauth_clients import STORE_KEY, login_server, name_of, plain_client
from support.stores import RedisServer, redis_server

REFRESH = "/oauth/refresh-token"
# All replicas of the test, and Convirza, share one process.
_AT_ONCE = 20


@pytest.fixture
def redis(tmp_path: Path) -> Iterator[RedisServer]:
    with redis_server(tmp_path / "redis") as server:
        yield server


@pytest.fixture(params=["sqlite", "redis"])
def address(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    if request.param == "sqlite":
        return f"sqlite:{tmp_path}/store.sqlite"
    server: RedisServer = request.getfixturevalue("redis")
    return server.address


@asynccontextmanager
async def replica(sandbox: Sandbox, address: str) -> AsyncIterator[People]:
    settings = Settings(oauth_url=sandbox.oauth_url, base_url=sandbox.base_url, store_keys=STORE_KEY)
    async with aclosing(open_store(address)) as store:
        yield People(store, Grants(store), settings)


async def refresh_together(sandbox: Sandbox, address: str, *, people: int, rounds: int) -> None:
    """Have three replicas find the same access tokens refused at once, again and again."""
    async with AsyncExitStack() as stack:
        replicas = [await stack.enter_async_context(replica(sandbox, address)) for _ in range(3)]
        tasks = await stack.enter_async_context(background_tasks())
        everyone: list[list[PersonalCredential]] = []
        for login in sandbox.logins[:people]:
            code = await replicas[0].admit(await replicas[0].log_in(login.email, login.password), login.email, PENDING)
            assert code
            account = replicas[0].account_of(login.email)
            everyone.append([each.credential(account) for each in replicas])
            for each in everyone[-1]:
                each.open(tasks)
                stack.push_async_callback(each.aclose)
        sandbox.requests.clear()
        for number in range(rounds):
            before = [await person[0].bearer_token() for person in everyone]
            sandbox.expire_access_tokens()
            refused = [*zip(everyone, before, strict=True)]
            for start in range(0, people, _AT_ONCE):
                async with anyio.create_task_group() as together:
                    for person, token in refused[start : start + _AT_ONCE]:
                        for each in person:
                            together.start_soon(each.try_refresh, token)
            after = [{await each.bearer_token() for each in person} for person in everyone]

            assert [len(each) for each in after] == [1] * people
            assert all(token not in found for token, found in zip(before, after, strict=True))
            sent = [each for each in sandbox.requests if each.path == REFRESH]
            assert len(sent) == people * (number + 1)
            assert {each.status for each in sent} == {200}


@pytest.fixture
def sandbox() -> Iterator[Sandbox]:
    with Sandbox(conversations=20, login_limit=None) as sandbox:
        yield sandbox


async def test_three_replicas_refresh_each_login_once(sandbox: Sandbox, address: str) -> None:
    await refresh_together(sandbox, address, people=3, rounds=2)


@pytest.mark.long
async def test_a_hundred_people_and_three_replicas(sandbox: Sandbox, address: str) -> None:
    await refresh_together(sandbox, address, people=100, rounds=int(os.environ.get("ROUNDS", "2")))


async def test_a_restart_of_replicas_and_the_stores_server_loses_no_grant(
    sandbox: Sandbox, tmp_path: Path, redis: RedisServer
) -> None:
    people = sandbox.logins[:2]
    found = []
    async with (
        login_server(sandbox, tmp_path, store=open_store(redis.address)) as server,
        plain_client(server) as client,
    ):
        found = [await client.tokens(person) for person in people]
        port = client.http.build_request("GET", server.url).url.port or 0
    redis.stop()
    dump = b"".join(each.read_bytes() for each in redis.folder.rglob("*") if each.is_file())
    secrets = [each for tokens in found for each in (tokens["access_token"], tokens["refresh_token"])]
    secrets += [each for person in people for each in (person.email, person.password)]
    assert b"grant:" in dump
    assert [each for each in (*secrets, "sandbox-access", "sandbox-refresh") if each.encode() in dump] == []
    redis.start()
    async with (
        login_server(sandbox, tmp_path, port=port, store=open_store(redis.address)) as server,
        plain_client(server) as client,
    ):
        for person, tokens in zip(people, found, strict=True):
            assert await client.agents(tokens["access_token"]) == {name_of(person)}
            refreshed = (await client.refresh(tokens["refresh_token"])).json()
            assert await client.agents(refreshed["access_token"]) == {name_of(person)}


async def test_a_login_made_while_another_replica_finds_the_last_one_ended_stays(
    sandbox: Sandbox, tmp_path: Path
) -> None:
    person = sandbox.logins[1]
    settings = Settings(oauth_url=sandbox.oauth_url, store_keys=STORE_KEY)
    async with login_server(sandbox, tmp_path) as server, plain_client(server) as client, background_tasks() as tasks:
        await client.tokens(person)
        store, account = server.mode.store, server.mode.people.account_of(person.email)
        tokens = []

        async def refusing(_: httpx2.Request) -> httpx2.Response:
            tokens.append((await client.tokens(person))["access_token"])
            return httpx2.Response(401, json={"error": "invalid_grant"})

        other = People(store, Grants(store), settings, transport=httpx2.MockTransport(refusing))
        stored = await other.pair(account).read()
        assert stored is not None
        a_week_ago, now = datetime.now(UTC) - timedelta(days=7), datetime.now(UTC)
        expired = replace(stored, pair=replace(stored.pair, obtained_at=a_week_ago, expires_at=now))
        await other.pair(account).write(expired)
        credential = other.credential(account)
        credential.open(tasks)
        with pytest.raises(LoginRefreshError):
            await credential.bearer_token()

        assert await client.agents(tokens[0]) == {name_of(person)}
        assert await credential.bearer_token() != stored.pair.access_token
        await credential.aclose()
