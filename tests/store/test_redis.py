"""A real Redis that is down, restarted, behind TLS, or that refuses: what is said, and that no password is."""

import socket
import traceback
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import aclosing, asynccontextmanager
from pathlib import Path

import anyio
import anyio.to_thread
import pytest

from convirza_mcp.errors import ConvirzaError, SettingsError, StoreUnavailableError
from convirza_mcp.store.opening import open_store
from convirza_mcp.store.protocol import Store, Stored
from faults.certificates import Authority
from support.snapshots import Snapshot
from support.stores import PASSWORD, QUOTED, RedisServer, redis_server

AN_HOUR = 3_600.0

CALLS: dict[str, Callable[[Store], Awaitable[object]]] = {
    "get": lambda store: store.get("a"),
    "put": lambda store: store.put("a", b"", seconds=1),
    "delete": lambda store: store.delete("a"),
    "count": lambda store: store.count("a", seconds=1),
    "names": lambda store: store.names("a"),
    "lock": lambda store: store.lock("a", seconds=1, wait=0).__aenter__(),
}


@asynccontextmanager
async def opened(address: str) -> AsyncIterator[Store]:
    async with aclosing(open_store(address)) as store:
        yield store


@pytest.fixture
def own(tmp_path: Path) -> Iterator[RedisServer]:
    with redis_server(tmp_path) as server:
        yield server


def assert_is_without_password(error: BaseException) -> None:
    everything = "".join(traceback.format_exception(error)) + repr(error) + repr(vars(error))
    assert PASSWORD not in everything
    assert QUOTED not in everything


@pytest.mark.parametrize("call", CALLS)
async def test_a_server_that_is_down_is_named_in_every_call(redis: RedisServer, call: str) -> None:
    with socket.create_server(("127.0.0.1", 0)) as closed:
        address = redis.address.replace(str(redis.port), str(closed.getsockname()[1]))
    async with opened(address) as store:
        with pytest.raises(StoreUnavailableError) as raised:
            await CALLS[call](store)

    assert_is_without_password(raised.value)


@pytest.mark.long
async def test_a_server_that_does_not_answer_is_given_up_in_time(snapshot: Snapshot, redis: RedisServer) -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent:
        async with opened(redis.address.replace(str(redis.port), str(silent.getsockname()[1]))) as store:
            began = anyio.current_time()
            with pytest.raises(StoreUnavailableError) as raised:
                await store.get("a")
            # Three seconds are the time-out.
            assert anyio.current_time() - began < 9

    assert_is_without_password(raised.value)
    snapshot(raised.value)


async def test_a_server_that_was_restarted_has_everything(own: RedisServer) -> None:
    async with opened(own.address) as store:
        await store.put("a", b"x", seconds=AN_HOUR)
        await store.count("b", seconds=AN_HOUR)
        own.stop()
        with pytest.raises(StoreUnavailableError):
            await store.get("a")
        own.start()

        assert await store.get("a") == Stored(b"x", 1)
        assert await store.count("b", seconds=AN_HOUR) == 2


async def test_a_connection_that_was_closed_meanwhile_is_opened_again(own: RedisServer) -> None:
    async with opened(own.address) as store:
        await store.put("a", b"x", seconds=AN_HOUR)
        # In a thread, so that the event loop sees the end of the connection.
        await anyio.to_thread.run_sync(own.stop)
        await anyio.to_thread.run_sync(own.start)

        assert await store.get("a") == Stored(b"x", 1)


@pytest.mark.parametrize("user", [":wrong@", "", "nobody:wrong@"], ids=["password", "none", "user"])
async def test_a_wrong_login_is_named(snapshot: Snapshot, redis: RedisServer, user: str) -> None:
    async with opened(redis.address.replace(f":{QUOTED}@", user)) as store:
        with pytest.raises(StoreUnavailableError) as raised:
            await store.get("a")

    snapshot.shared(raised.value)


async def test_the_default_user_may_be_named(redis: RedisServer) -> None:
    async with opened(redis.address.replace("://", "://default")) as store:
        assert await store.get("no:such") is None


async def test_a_full_server_is_named(snapshot: Snapshot, own: RedisServer) -> None:
    async with opened(own.address) as store:
        await store._redis.execute_command("CONFIG", "SET", "maxmemory", "1")  # type: ignore[attr-defined]
        with pytest.raises(StoreUnavailableError) as raised:
            await store.put("a", b"x", seconds=AN_HOUR)

    snapshot(raised.value)


async def test_tls_with_the_authority_of_the_address(tmp_path: Path) -> None:
    authority = Authority()
    (tmp_path / "ca.pem").write_bytes(authority.pem)
    certificate, key = authority.files_for("localhost", tmp_path)
    options = ("--tls-cert-file", certificate, "--tls-key-file", key, "--tls-ca-cert-file", f"{tmp_path}/ca.pem")
    with redis_server(tmp_path / "data", *options, "--tls-auth-clients", "no") as server:
        async with opened(f"{server.address}?ssl_ca_certs={tmp_path}/ca.pem") as store:
            assert await store.put("a", b"x", seconds=AN_HOUR) == 1
        async with opened(server.address) as distrustful:
            with pytest.raises(StoreUnavailableError) as untrusted:
                await distrustful.get("a")
        async with opened(server.address.replace("rediss:", "redis:")) as plain:
            with pytest.raises(StoreUnavailableError):
                await plain.get("a")

    assert_is_without_password(untrusted.value)


@pytest.mark.parametrize("end", ["?no_such_option=1", "?socket_timeout=soon", ":port"], ids=["option", "value", "port"])
def test_a_malformed_address_is_refused_without_its_password(snapshot: Snapshot, end: str) -> None:
    pytest.importorskip("redis")
    with pytest.raises(SettingsError) as raised:
        open_store(f"redis://:{QUOTED}@redis.example.com{end}")

    assert_is_without_password(raised.value)
    snapshot.shared(raised.value)


async def test_a_store_shows_no_password(redis: RedisServer) -> None:
    async with opened(redis.address) as store:
        assert QUOTED not in repr(store)
        assert PASSWORD not in repr(store)


def test_a_missing_package_is_one_sentence(snapshot: Snapshot, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(__import__("sys").modules, "redis.asyncio", None)
    monkeypatch.delitem(__import__("sys").modules, "convirza_mcp.store.redis", raising=False)
    with pytest.raises(ConvirzaError) as raised:
        open_store("redis://localhost")

    snapshot(raised.value)
