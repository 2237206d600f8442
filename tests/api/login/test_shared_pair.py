"""A login in the store of replicas: refreshed once, whatever becomes of the lock, its holder and the store."""

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, aclosing
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import anyio
import httpx2
import pytest

from convirza_mcp.api.login.shared_pair import SHARED_LOGIN, SharedPair
from convirza_mcp.api.login.store import StoredCredential
from convirza_mcp.api.login.stored_token import StoredToken
from convirza_mcp.errors import (
    CredentialLockedError,
    CredentialUnusableError,
    LoginExpiredError,
    LoginRefreshError,
    MissingCredentialError,
    StoreUnavailableError,
)
from convirza_mcp.store.encryption import Cipher
from convirza_mcp.store.protocol import Store
from convirza_mcp.store.sqlite import SQLiteStore
from support.logins import FIRST, OAUTH_URL, Clock, Service, login, opened, the_middle
from support.stores import STORE_KEYS

AN_HOUR = timedelta(hours=1)
SECOND = "CNVZ-AT-2"
CIPHER = Cipher(STORE_KEYS)


class Interrupted:
    """A store that does not answer while it is down; with `down_after`, after so many writes."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self.is_down = False
        self.down_after: int | None = None

    def __getattr__(self, name: str) -> Any:
        if self.is_down:
            raise StoreUnavailableError("The store does not answer.")
        return getattr(self._store, name)

    async def put(self, *given: Any, **options: Any) -> int | None:
        if self.is_down or self.down_after == 0:
            raise StoreUnavailableError("The store does not answer.")
        if self.down_after is not None:
            self.down_after -= 1
        return await self._store.put(*given, **options)


class Replicas:
    """Programs that share a store; each with a connection of its own."""

    def __init__(self, path: Path, service: Service, clock: Clock) -> None:
        self.path, self.service, self.clock = path, service, clock
        self.exit = AsyncExitStack()

    async def store(self) -> Interrupted:
        now = self.clock.monotonic
        return Interrupted(await self.exit.enter_async_context(aclosing(SQLiteStore(self.path, now=now))))

    async def pair(self, store: Store | None = None) -> SharedPair:
        return SharedPair(store or await self.store(), SHARED_LOGIN, CIPHER, monotonic=self.clock.monotonic)  # type: ignore[arg-type]

    async def token(self, store: Any = None) -> StoredToken:
        now, monotonic = self.clock.now, self.clock.monotonic
        storage, transport = await self.pair(store), self.service
        token = StoredToken(
            storage, oauth_url=OAUTH_URL, transport=transport, now=now, monotonic=monotonic, uniform=the_middle
        )
        return await self.exit.enter_async_context(opened(token))


@pytest.fixture
async def replicas(tmp_path: Path, clock: Clock, service: Service) -> AsyncIterator[Replicas]:
    shared = Replicas(tmp_path / "store.sqlite", service, clock)
    async with shared.exit:
        yield shared


@pytest.fixture
def ended(clock: Clock) -> StoredCredential:
    return login(clock, left=-AN_HOUR)


async def test_many_calls_of_many_replicas_refresh_once(
    replicas: Replicas, ended: StoredCredential, service: Service
) -> None:
    await (await replicas.pair()).write(ended)
    tokens: list[str] = []

    async def call(credential: StoredToken) -> None:
        tokens.append(await credential.bearer_token())

    credentials = [await replicas.token() for _ in range(3)]
    async with anyio.create_task_group() as calls:
        for credential in credentials * 5:
            calls.start_soon(call, credential)

    assert tokens == [SECOND] * 15
    assert service.asked == ["CNVZ-RT-1"]


async def test_a_refused_token_is_refreshed_once_for_all(replicas: Replicas, clock: Clock, service: Service) -> None:
    await (await replicas.pair()).write(login(clock))
    one, other = await replicas.token(), await replicas.token()

    assert [await each.bearer_token() for each in (one, other)] == [FIRST] * 2
    assert [await each.try_refresh(FIRST) for each in (one, other)] == [True] * 2
    assert [await each.bearer_token() for each in (one, other)] == [SECOND] * 2
    assert service.asked == ["CNVZ-RT-1"]
    assert await one.fingerprint() == await other.fingerprint() == "account 5ad0c0"


async def test_nothing_readable_is_stored(replicas: Replicas, ended: StoredCredential) -> None:
    await (await replicas.pair()).write(ended)
    await (await replicas.token()).bearer_token()

    everything = b"".join(path.read_bytes() for path in replicas.path.parent.iterdir())
    assert b"CNVZ" not in everything
    assert b"oauth.example" not in everything


async def test_the_refresh_is_marked_before_it_is_sent(
    replicas: Replicas, ended: StoredCredential, service: Service, clock: Clock
) -> None:
    pair = await replicas.pair()
    await pair.write(ended)
    credential = await replicas.token()
    service.faults = [httpx2.Response(500)]
    with pytest.raises(LoginRefreshError):
        await credential.bearer_token()
    lost = await pair.read()
    marks: list[StoredCredential | None] = []

    async def look() -> None:
        await service.reached.wait()
        marks.append(await pair.read())
        service.let_through()

    service.reached, service._gate = anyio.Event(), anyio.Event()
    clock.pass_by(timedelta(minutes=2))
    async with anyio.create_task_group() as tasks:
        tasks.start_soon(look)
        assert await credential.bearer_token() == SECOND

    assert lost is not None
    assert lost.refresh_lost
    assert [(each.refresh_asked_at, each.refresh_lost) for each in marks if each] == [(clock.time, False)]


async def test_a_replica_killed_before_the_answer_leaves_its_lock_and_the_login_recovers(
    replicas: Replicas, ended: StoredCredential, clock: Clock
) -> None:
    pair = await replicas.pair()
    await pair.write(ended)
    dead = pair.lock(0)
    await dead.__aenter__()
    stored = await pair.read()
    assert stored is not None
    assert await pair.mark_sent(stored, clock.time)

    credential = await replicas.token()
    waiting = pair.lock(0)
    with pytest.raises(CredentialLockedError):
        await waiting.__aenter__()
    clock.pass_by(timedelta(seconds=46))

    # The service never got the request, or its answer would be an ended login.
    assert await credential.bearer_token() == SECOND


async def test_a_paused_holder_sends_nothing_after_another_one_did(
    replicas: Replicas, ended: StoredCredential, clock: Clock, service: Service
) -> None:
    paused = await replicas.pair()
    await paused.write(ended)
    stored = await paused.read()
    assert stored is not None
    assert await (await replicas.token()).bearer_token() == SECOND

    assert not await paused.mark_sent(stored, clock.time)
    assert not await paused.replace(stored.pair, replace(stored, account="other"))
    assert service.asked == ["CNVZ-RT-1"]


async def test_a_mark_of_another_replica_stops_a_paused_one(
    replicas: Replicas, ended: StoredCredential, clock: Clock
) -> None:
    paused, other = await replicas.pair(), await replicas.pair()
    await paused.write(ended)
    stored, theirs = await paused.read(), await other.read()
    assert stored is not None
    assert theirs is not None
    assert await other.mark_sent(theirs, clock.time)

    assert not await paused.mark_sent(stored, clock.time)
    # The one whose refresh succeeded may write all the same: its pair is the only valid one.
    assert await paused.replace(stored.pair, replace(stored, account="refreshed"))


async def test_a_new_login_and_a_logout_count_within_a_second(replicas: Replicas, clock: Clock) -> None:
    pair, credential = await replicas.pair(), await replicas.token()
    with pytest.raises(MissingCredentialError):
        await credential.bearer_token()
    await pair.write(login(clock, access_token="CNVZ-AT-new"))
    clock.pass_by(timedelta(seconds=1))
    assert await credential.bearer_token() == "CNVZ-AT-new"
    assert await pair.delete()
    clock.pass_by(timedelta(seconds=1))
    with pytest.raises(MissingCredentialError):
        await credential.bearer_token()


async def test_calls_go_on_for_a_minute_without_the_store(replicas: Replicas, clock: Clock) -> None:
    store = await replicas.store()
    await (await replicas.pair()).write(login(clock))
    credential = await replicas.token(store)
    assert await credential.bearer_token() == FIRST
    store.is_down = True
    clock.pass_by(timedelta(seconds=59))
    assert await credential.bearer_token() == FIRST
    clock.pass_by(timedelta(seconds=2))
    with pytest.raises(StoreUnavailableError):
        await credential.bearer_token()
    store.is_down = False
    assert await credential.bearer_token() == FIRST


async def test_a_refresh_is_not_sent_without_the_store(
    replicas: Replicas, ended: StoredCredential, service: Service
) -> None:
    store = await replicas.store()
    await (await replicas.pair()).write(ended)
    credential = await replicas.token(store)
    store.down_after = 0
    with pytest.raises(StoreUnavailableError):
        await credential.bearer_token()
    store.down_after = None

    assert service.asked == []
    assert await credential.bearer_token() == SECOND


async def test_a_pair_that_could_not_be_written_is_written_later(
    replicas: Replicas, ended: StoredCredential, service: Service
) -> None:
    store, pair = await replicas.store(), await replicas.pair()
    await pair.write(ended)
    credential = await replicas.token(store)
    store.down_after = 1
    with pytest.raises(StoreUnavailableError):
        await credential.bearer_token()
    store.down_after = None

    assert await credential.bearer_token() == SECOND
    assert service.asked == ["CNVZ-RT-1"]
    assert (await pair.read()).pair.access_token == SECOND  # type: ignore[union-attr]


async def test_an_ended_login_is_said_to_have_ended(
    replicas: Replicas, ended: StoredCredential, service: Service
) -> None:
    await (await replicas.pair()).write(ended)
    service.faults = [httpx2.Response(401)]

    with pytest.raises(LoginExpiredError):
        await (await replicas.token()).bearer_token()


async def test_it_needs_a_key_that_encrypted_it(replicas: Replicas, clock: Clock) -> None:
    store = await replicas.store()
    await SharedPair(store, SHARED_LOGIN, Cipher("B" * 42 + "A=")).write(login(clock))  # type: ignore[arg-type]

    with pytest.raises(CredentialUnusableError):
        await (await replicas.token()).bearer_token()


async def test_it_stays_in_the_store_a_day_longer_than_it_can_be_refreshed(replicas: Replicas, clock: Clock) -> None:
    pair = await replicas.pair()
    await pair.write(login(clock, refresh_expires_at=clock.time - timedelta(days=365)))
    clock.pass_by(timedelta(hours=23))
    assert await pair.read() is not None
    clock.pass_by(timedelta(hours=2))
    assert await pair.read() is None
