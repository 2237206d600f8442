"""Grants in the store: what changes them at once, and what is left of them."""

from pathlib import Path
from typing import Literal

import anyio
import pytest

from convirza_mcp.store.sqlite import SQLiteStore
from convirza_mcp.transports.http.login.grants.grant import Grant
from convirza_mcp.transports.http.login.grants.grants import Grants, Tokens
from convirza_mcp.transports.http.login.grants.tokens import Handle, digest
from support.login_pages import PENDING
from support.oauth_clients import Clock

ACCOUNT = "0f" * 16
KINDS: tuple[Literal[b"access"], Literal[b"refresh"]] = (b"access", b"refresh")


class Replicas:
    """Three replicas, each with its own connection to one file."""

    def __init__(self, folder: Path) -> None:
        self.clock = Clock()
        self.stores = [SQLiteStore(folder / "store.sqlite", now=self.clock) for _ in range(3)]
        self.grants = [Grants(each, self.clock) for each in self.stores]

    async def tokens(self) -> Tokens:
        tokens = await self.grants[0].exchange(await self.grants[0].begin(PENDING, ACCOUNT, "p"))
        assert tokens is not None
        return tokens

    async def refresh_everywhere(self, token: str, times: int = 3) -> list[Tokens | None]:
        found: list[Tokens | None] = []

        async def refresh(grants: Grants) -> None:
            found.append(await grants.refresh(token))

        async with anyio.create_task_group() as tasks:
            for _ in range(times):
                for each in self.grants:
                    tasks.start_soon(refresh, each)
        return found

    async def aclose(self) -> None:
        for each in self.stores:
            await each.aclose()


@pytest.fixture
async def replicas(tmp_path: Path) -> Replicas:
    return Replicas(tmp_path)


async def many_refreshes(replicas: Replicas, rounds: int) -> None:
    token = (await replicas.tokens()).refresh
    for _ in range(rounds):
        found = {*await replicas.refresh_everywhere(token)}
        assert len(found) == 1
        (tokens,) = found
        assert tokens is not None
        assert (await replicas.grants[1].of_access_token(tokens.access)) is not None
        token = tokens.refresh
        replicas.clock.seconds += 61
    assert len(await replicas.stores[0].names("grant:")) == 1
    await replicas.aclose()


async def test_refreshes_at_once_get_one_successor(replicas: Replicas) -> None:
    await many_refreshes(replicas, 5)


@pytest.mark.long
async def test_refreshes_at_once_get_one_successor_every_time(replicas: Replicas) -> None:
    await many_refreshes(replicas, 200)


async def test_of_two_exchanges_at_once_none_leaves_a_grant_behind(replicas: Replicas) -> None:
    code = await replicas.grants[0].begin(PENDING, ACCOUNT, "p")
    found: list[Tokens | None] = []

    async def exchange(grants: Grants) -> None:
        found.append(await grants.exchange(code))

    async with anyio.create_task_group() as tasks:
        for each in replicas.grants:
            tasks.start_soon(exchange, each)

    assert sum(each is not None for each in found) <= 1
    assert await replicas.stores[0].names("grant:") == []
    await replicas.aclose()


async def test_a_grant_that_is_not_refreshed_for_a_month_vanishes(replicas: Replicas) -> None:
    tokens = await replicas.tokens()
    replicas.clock.seconds += 30 * 86_400 - 1
    again = await replicas.grants[0].refresh(tokens.refresh)
    assert again is not None
    replicas.clock.seconds += 30 * 86_400

    assert await replicas.grants[0].refresh(again.refresh) is None
    assert await replicas.stores[0].names("grant:") == []
    await replicas.aclose()


async def test_the_record_stays_small_however_often_it_is_refreshed(replicas: Replicas) -> None:
    tokens: Tokens | None = await replicas.tokens()
    assert tokens is not None
    (name,) = await replicas.stores[0].names("grant:")
    first = tokens.refresh
    for _ in range(60):
        tokens = await replicas.grants[0].refresh(tokens.refresh)
        assert tokens is not None
    stored = await replicas.stores[0].get(name)
    assert stored is not None

    assert len(stored.value) < 16_384
    grant = Grant.from_bytes(stored.value)
    assert (len(grant.access), len(grant.rotations)) == (16, 33)
    assert grant.was_spent(first)
    assert grant.to_bytes() == stored.value
    await replicas.aclose()


@pytest.mark.parametrize("kind", ["code", "access", "refresh"])
async def test_the_store_has_no_token(replicas: Replicas, kind: str) -> None:
    code = await replicas.grants[0].begin(PENDING, ACCOUNT, "p")
    tokens = await replicas.grants[0].exchange(code)
    assert tokens is not None
    later = await replicas.grants[0].refresh(tokens.refresh)
    assert later is not None
    found = {"code": [code], "access": [tokens.access, later.access], "refresh": [tokens.refresh, later.refresh]}[kind]
    stored = await replicas.stores[0].get((await replicas.stores[0].names("grant:"))[0])
    assert stored is not None

    for token in found:
        assert digest(token)[:12].encode() in stored.value
        assert token.encode() not in stored.value
        assert token[-43:].encode() not in stored.value
        assert token[22:43].encode() not in stored.value
    await replicas.aclose()


@pytest.mark.parametrize("text", ["", "A" * 85, "A" * 87, "A" * 85 + "=", "A" * 85 + "\n", "é" * 86, "+" * 86])
def test_other_text_has_no_handle(text: str) -> None:
    assert Handle.of(text) is None


def test_a_token_has_its_handle_and_256_random_bits() -> None:
    handle = Handle.new(ACCOUNT)
    tokens = {handle.new_token() for _ in range(100)}

    assert len({each[43:] for each in tokens}) == 100
    assert {Handle.of(each) for each in tokens} == {handle}
    assert {len(each) for each in tokens} == {86}
    first, second = handle.new_token(), handle.new_token()
    made = [handle.successor(token, salt, kind) for token in (first, second) for salt in (b"a", b"b") for kind in KINDS]
    assert len({*made}) == 8
    assert handle.successor(first, b"a", b"access") == made[0]
