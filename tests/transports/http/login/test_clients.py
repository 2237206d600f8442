"""Clients that register themselves: how long they live, what is kept of them, and floods."""

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
from cryptography.fernet import Fernet
from mcp.server.auth.provider import RegistrationError
from mcp.shared.auth import OAuthClientInformationFull

from convirza_mcp.store.encryption import Cipher
from convirza_mcp.store.sealed import SealedStore
from convirza_mcp.store.sqlite import SQLiteStore
from convirza_mcp.transports.http.login.clients import (
    MAX_REGISTRATIONS,
    REGISTRATIONS_SECONDS,
    UNUSED_SECONDS,
    USED_SECONDS,
    Clients,
)
from convirza_mcp.transports.http.replies import Refusal
from support.login_pages import Clock

SECRET = "canary-client-secret"
KEY = Fernet.generate_key().decode()


def metadata(number: int = 1, **changes: Any) -> OAuthClientInformationFull:
    """A client as the SDK's registration hands it over."""
    given = {
        "client_id": f"0e9f7c1a-{number}",
        "client_name": "Team tool",
        "client_secret": SECRET,
        "redirect_uris": ["https://tool.example.com/callback"],
        "token_endpoint_auth_method": "client_secret_post",
    }
    return OAuthClientInformationFull.model_validate(given | changes)


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
async def store(tmp_path: Path, clock: Clock) -> AsyncIterator[SQLiteStore]:
    store = SQLiteStore(tmp_path / "store.sqlite", now=clock)
    yield store
    await store.aclose()


@pytest.fixture
def clients(store: SQLiteStore, clock: Clock) -> Clients:
    return Clients(SealedStore(store, Cipher(KEY)), now=clock)


async def test_a_client_is_found_with_its_secret_and_the_server_s_scope(clients: Clients) -> None:
    client = metadata(scope="sms:read other", logo_uri="https://tool.example.com/x.png", contacts=["a@b.co"])

    await clients.register(client)

    found = await clients.get("0e9f7c1a-1")
    assert found is not None
    assert (found.client_name, found.client_secret, found.scope) == ("Team tool", SECRET, "sms:read")
    # The answer to the registration says what is kept.
    assert (client.scope, client.logo_uri, client.contacts) == ("sms:read", None, None)
    assert found.model_dump() == client.model_dump()


async def test_the_store_holds_no_readable_secret(clients: Clients, store: SQLiteStore, tmp_path: Path) -> None:
    await clients.register(metadata())
    await store.aclose()

    kept = (tmp_path / "store.sqlite").read_bytes()
    assert b"client:0e9f7c1a-1" in kept
    assert SECRET.encode() not in kept


async def test_an_unused_client_vanishes_after_a_day_and_a_used_one_after_its_grants(
    clients: Clients, clock: Clock
) -> None:
    await clients.register(metadata(1))
    await clients.register(metadata(2))
    await clients.keep("0e9f7c1a-2")

    clock.time += UNUSED_SECONDS
    assert await clients.get("0e9f7c1a-1") is None
    assert await clients.get("0e9f7c1a-2") is not None

    clock.time += USED_SECONDS * 0.9
    await clients.keep("0e9f7c1a-2")
    clock.time += USED_SECONDS * 0.9
    assert await clients.get("0e9f7c1a-2") is not None
    clock.time += USED_SECONDS
    assert await clients.get("0e9f7c1a-2") is None
    await clients.keep("0e9f7c1a-2")


@pytest.mark.parametrize(
    "redirects",
    [
        None,
        ["https://tool.example.com/callback", "https://x@tool.example.com/"],
        ["myapp://callback"],
        ["javascript:alert(1)"],
        [f"https://tool.example.com/{number}" for number in range(21)],
        ["https://tool.example.com/" + "a" * 500],
    ],
)
async def test_bad_redirects_do_not_register(clients: Clients, redirects: list[str] | None) -> None:
    with pytest.raises(RegistrationError) as raised:
        await clients.register(metadata(redirect_uris=redirects))

    assert raised.value.error == "invalid_redirect_uri"
    assert await clients.get("0e9f7c1a-1") is None


async def test_the_size_is_bounded(clients: Clients) -> None:
    with pytest.raises(RegistrationError) as raised:
        await clients.register(metadata(grant_types=["authorization_code", "x" * 20_000]))

    assert raised.value.error == "invalid_client_metadata"
    # What is not kept does not count, and a name is cut.
    await clients.register(metadata(client_name="n" * 100_000, jwks={"keys": ["k" * 100_000]}))
    found = await clients.get("0e9f7c1a-1")
    assert found is not None
    assert len(found.client_name or "") == 80


async def test_a_flood_of_registrations_ends_at_the_limit(clients: Clients, store: SQLiteStore, clock: Clock) -> None:
    for number in range(MAX_REGISTRATIONS):
        await clients.register(metadata(number))
    for number in range(3):
        with pytest.raises(Refusal) as raised:
            await clients.register(metadata(MAX_REGISTRATIONS + number))
        assert (raised.value.status, raised.value.headers) == (429, (("Retry-After", "3600"),))
    assert len(await store.names("client:")) == MAX_REGISTRATIONS

    clock.time += REGISTRATIONS_SECONDS
    await clients.register(metadata(MAX_REGISTRATIONS))


@pytest.mark.parametrize("client_id", ["", "no-such", "a" * 65, "client:x", "x\n", "é", "../x", "http://x.example/id"])
async def test_an_unknown_id_is_no_client(clients: Clients, client_id: str) -> None:
    assert await clients.get(client_id) is None
    await clients.keep(client_id)


async def test_a_client_under_a_withdrawn_key_registers_again(
    clients: Clients, store: SQLiteStore, clock: Clock
) -> None:
    await clients.register(metadata())

    other = Clients(SealedStore(store, Cipher(Fernet.generate_key().decode())), now=clock)

    assert await other.get("0e9f7c1a-1") is None
    await other.keep("0e9f7c1a-1")
