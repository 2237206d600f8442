"""Clients named by the address of a document: what a document must say, how long it counts, known clients."""

import json
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from convirza_mcp.store.sqlite import SQLiteStore
from convirza_mcp.transports.http.login.client_documents import (
    BUILT_IN,
    FETCHES_SECONDS,
    MAX_FETCHES,
    ClientDocuments,
    is_document_address,
)
from convirza_mcp.transports.http.login.public_fetch import Fetched, FetchError
from support.login_pages import Clock

ADDRESS = "https://tool.example.com/oauth/client.json"
DOCUMENT: dict[str, Any] = {
    "client_id": ADDRESS,
    "client_name": "Team tool",
    "redirect_uris": ["https://tool.example.com/callback", "http://127.0.0.1/callback"],
    "token_endpoint_auth_method": "none",
}
REDIRECTS = DOCUMENT["redirect_uris"]


class Web:
    """The documents of the world; the last error or answer repeats."""

    def __init__(self) -> None:
        self.answer: dict[str, Any] | bytes | FetchError = DOCUMENT
        self.cache_control = ""
        self.asked: list[str] = []

    async def __call__(self, url: str) -> Fetched:
        self.asked.append(url)
        if isinstance(self.answer, FetchError):
            raise self.answer
        body = self.answer if isinstance(self.answer, bytes) else json.dumps(self.answer).encode()
        return Fetched(body, self.cache_control)


@pytest.fixture
def web() -> Web:
    return Web()


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
async def documents(tmp_path: Path, clock: Clock, web: Web) -> AsyncIterator[ClientDocuments]:
    store = SQLiteStore(tmp_path / "store.sqlite", now=clock)
    yield ClientDocuments(store, web, clock)
    await store.aclose()


async def redirects(documents: ClientDocuments, address: str = ADDRESS) -> list[str] | None:
    found = await documents.get(address)
    return None if found is None else [str(each) for each in found.redirect_uris or ()]


async def test_a_document_describes_a_client_without_a_secret(documents: ClientDocuments) -> None:
    client = await documents.get(ADDRESS)

    assert client is not None
    assert (client.client_id, client.client_name, client.scope) == (ADDRESS, "Team tool", "sms:read")
    assert (client.token_endpoint_auth_method, client.client_secret) == ("none", None)
    assert [str(each) for each in client.redirect_uris or ()] == REDIRECTS


@pytest.mark.parametrize(
    "changes",
    [
        {"token_endpoint_auth_method": "private_key_jwt", "token_endpoint_auth_methods_supported": ["none"]},
        {"redirect_uris": [*REDIRECTS, "myapp://callback", "https://x@tool.example.com/"]},
    ],
    ids=["several methods", "redirects of other kinds"],
)
async def test_what_cannot_be_used_is_left_out(documents: ClientDocuments, web: Web, changes: dict[str, Any]) -> None:
    web.answer = DOCUMENT | changes

    assert await redirects(documents) == REDIRECTS


@pytest.mark.parametrize(
    "answer",
    [
        DOCUMENT | {"client_id": "https://tool.example.com/oauth/other.json"},
        DOCUMENT | {"client_id": ADDRESS + "/"},
        DOCUMENT | {"token_endpoint_auth_method": "private_key_jwt"},
        DOCUMENT | {"token_endpoint_auth_method": "client_secret_post"},
        DOCUMENT | {"client_secret": "x"},
        DOCUMENT | {"redirect_uris": []},
        DOCUMENT | {"redirect_uris": ["myapp://callback"]},
        DOCUMENT | {"redirect_uris": [7]},
        DOCUMENT | {"redirect_uris": "https://tool.example.com/callback"},
        DOCUMENT | {"redirect_uris": [f"https://tool.example.com/{number}" for number in range(21)]},
        DOCUMENT | {"client_name": 7},
        {"client_id": ADDRESS},
        b"[]",
        b"null",
        b"<html>",
        b"\xff",
        b"[" * 60_000,
        b"",
    ],
)
async def test_another_document_describes_none(documents: ClientDocuments, web: Web, answer: Any) -> None:
    web.answer = answer

    assert await documents.get(ADDRESS) is None


@pytest.mark.parametrize(
    ("cache_control", "seconds"),
    [
        ("", 300),
        ("no-store", 300),
        ("max-age=0", 300),
        ("s-maxage=9, max-age=7200", 7_200),
        ("public, Max-Age=999999999", 86_400),
    ],
)
async def test_a_document_is_kept_as_long_as_it_says_within_bounds(
    documents: ClientDocuments, web: Web, clock: Clock, cache_control: str, seconds: int
) -> None:
    web.cache_control = cache_control
    await documents.get(ADDRESS)

    clock.time += seconds - 1
    await documents.get(ADDRESS)
    assert len(web.asked) == 1

    clock.time += 1
    await documents.get(ADDRESS)
    assert len(web.asked) == 2


async def test_a_host_that_is_down_costs_nothing_for_a_day(documents: ClientDocuments, web: Web, clock: Clock) -> None:
    await documents.get(ADDRESS)
    web.answer = FetchError()

    clock.time += 80_000
    assert await redirects(documents) == REDIRECTS
    assert await redirects(documents) == REDIRECTS
    # A failure counts for a minute.
    assert len(web.asked) == 2

    clock.time += 6_400
    assert await redirects(documents) is None


async def test_a_document_that_is_withdrawn_counts_no_longer(
    documents: ClientDocuments, web: Web, clock: Clock
) -> None:
    await documents.get(ADDRESS)
    web.answer = {"error": "no such client"}

    clock.time += 300
    assert await documents.get(ADDRESS) is None


@pytest.mark.parametrize("address", BUILT_IN)
@pytest.mark.parametrize("answer", [FetchError(), b"<html>Just a moment...</html>", DOCUMENT], ids=str)
async def test_known_clients_do_not_need_their_documents(
    documents: ClientDocuments, web: Web, address: str, answer: Any
) -> None:
    web.answer = answer

    client = await documents.get(address)

    assert client is not None
    assert client.client_name == BUILT_IN[address][0]
    assert await redirects(documents, address) == [*BUILT_IN[address][1]]


async def test_the_document_of_a_known_client_comes_first(documents: ClientDocuments, web: Web) -> None:
    address = "https://chatgpt.com/oauth/client.json"
    web.answer = DOCUMENT | {"client_id": address, "redirect_uris": ["https://chatgpt.com/new"]}

    assert await redirects(documents, address) == ["https://chatgpt.com/new"]


async def test_a_flood_of_addresses_ends_at_the_limit(documents: ClientDocuments, web: Web, clock: Clock) -> None:
    await documents.get(ADDRESS)
    for number in range(MAX_FETCHES + 20):
        await documents.get(f"{ADDRESS}/{number}")
    assert len(web.asked) == MAX_FETCHES
    # Meanwhile, what is known stays known.
    assert await redirects(documents) == REDIRECTS
    assert await redirects(documents, next(iter(BUILT_IN))) is not None

    clock.time += FETCHES_SECONDS
    await documents.get(f"{ADDRESS}/again")
    assert len(web.asked) == MAX_FETCHES + 1


NOT_AN_ADDRESS = [
    "https://tool.example.com",
    "https://tool.example.com/",
    "http://tool.example.com/id",
    "https://user@tool.example.com/id",
    "https://user:word@tool.example.com/id",
    "https://tool.example.com/id#part",
    "https://tool.example.com/id?a=b",
    "https://tool.example.com/a/../id",
    "https://tool.example.com/./id",
    "https://tool.example.com:443/id",
    "https://TOOL.example.com/id",
    "HTTPS://tool.example.com/id",
    "https://tool.example.com\\id/x",
    "https://tool.example.com/i d",
    "https://tool.example.com/i\nd",
    "https://tоol.example.com/id",
    "https:///id",
    "https://[::1/id",
    "https://tool.example.com:99999/id",
    "https://tool.example.com/" + "i" * 500,
    "0e9f7c1a",
    "",
]


@pytest.mark.parametrize("client_id", NOT_AN_ADDRESS)
async def test_other_ids_are_not_fetched(documents: ClientDocuments, web: Web, client_id: str) -> None:
    assert not is_document_address(client_id)
    assert await documents.get(client_id) is None
    assert web.asked == []
