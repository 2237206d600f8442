"""A store that stops answering: calls go on for a minute, and the rest says what is wrong."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from convirza_mcp.sandbox import Sandbox
from convirza_mcp.store.sqlite import SQLiteStore
from support.failing_store import FailingStore
from support.oauth_clients import Clock, PlainClient, login_server, name_of, plain_client, query_of


@pytest.fixture
def store(tmp_path: Path) -> FailingStore:
    return FailingStore(SQLiteStore(tmp_path / "store.sqlite"))


@pytest.fixture
async def client(tmp_path: Path, store: FailingStore, clock: Clock) -> AsyncIterator[PlainClient]:
    with Sandbox(conversations=20, login_limit=None) as sandbox:
        async with (
            login_server(sandbox, tmp_path, store=store, clock=clock, mode={"monotonic": clock}) as server,
            plain_client(server) as client,
        ):
            yield client


async def test_known_tokens_go_on_for_a_minute(client: PlainClient, store: FailingStore, clock: Clock) -> None:
    person = client.server.sandbox.logins[1]
    known, unknown = [(await client.tokens(person))["access_token"] for _ in range(2)]
    assert await client.agents(known) == {name_of(person)}
    store.is_up = False
    clock.seconds += 59

    assert await client.agents(known) == {name_of(person)}
    refused = await client.call(unknown)
    assert (refused.status_code, refused.headers["retry-after"]) == (503, "10")
    clock.seconds += 1
    assert (await client.call(known)).status_code == 503
    store.is_up = True
    assert await client.agents(unknown) == {name_of(person)}


async def test_a_token_that_was_refused_is_not_remembered(client: PlainClient, store: FailingStore) -> None:
    tokens = await client.tokens()
    await client.agents(tokens["access_token"])
    await client.post("/revoke", token=tokens["refresh_token"])
    assert (await client.call(tokens["access_token"])).status_code == 401
    store.is_up = False

    assert (await client.call(tokens["access_token"])).status_code == 503


async def test_a_token_that_ends_meanwhile_is_refused(client: PlainClient, store: FailingStore, clock: Clock) -> None:
    tokens = await client.tokens()
    clock.seconds += 3_590
    await client.agents(tokens["access_token"])
    store.is_up = False
    clock.seconds += 11

    assert (await client.call(tokens["access_token"])).status_code == 401


async def test_logins_and_the_load_balancer_are_told(client: PlainClient, store: FailingStore) -> None:
    tokens, code = await client.tokens(), await client.code()
    page = (await client.http.get(client.authorize_url())).headers["location"]
    assert (await client.http.get(f"{client.server.issuer}/readyz")).status_code == 200
    store.is_up = False
    answers = [
        await client.http.get(client.authorize_url()),
        await client.exchange(code),
        await client.refresh(tokens["refresh_token"]),
        await client.post("/revoke", token=tokens["refresh_token"]),
        await client.http.post(f"{client.server.issuer}/register", json={"redirect_uris": [client.redirect]}),
        await client.http.get(page),
        await client.http.get(f"{client.server.issuer}/readyz"),
    ]

    assert [each.status_code for each in answers] == [503] * len(answers)
    assert [each.headers["retry-after"] for each in answers[:5]] == ["10"] * 5
    assert (await client.http.get(f"{client.server.issuer}/healthz")).status_code == 200
    store.is_up = True
    assert (await client.exchange(code)).status_code == 200
    assert (await client.refresh(tokens["refresh_token"])).status_code == 200


async def test_a_full_store_begins_no_login_and_says_so(
    client: PlainClient, store: FailingStore, caplog: pytest.LogCaptureFixture
) -> None:
    await client.register()
    store.is_full_for = lambda _: True
    response = await client.http.get(client.authorize_url())

    assert query_of(response.headers["location"])["error"] == "temporarily_unavailable"
    assert caplog.records == []
    assert (await client.http.get(f"{client.server.issuer}/readyz")).status_code == 503
    store.is_full_for = lambda _: False
    assert (await client.http.get(f"{client.server.issuer}/readyz")).status_code == 200


async def test_a_client_gets_its_tokens_even_if_its_registration_cannot_be_kept(
    client: PlainClient, store: FailingStore
) -> None:
    await client.register()
    code = await client.code()
    store.is_full_for = lambda name: name.startswith("client:")
    response = await client.exchange(code)

    assert response.status_code == 200
    assert (await client.call(response.json()["access_token"])).status_code == 200
