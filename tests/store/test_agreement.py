"""Replicas with different settings: the later one is not ready, and its log names the settings."""

import json
import os
from collections.abc import AsyncIterator
from contextlib import aclosing
from pathlib import Path

import pytest

from convirza_mcp.store.agreement import Agreement
from convirza_mcp.store.encryption import Cipher
from convirza_mcp.store.protocol import Store
from convirza_mcp.store.sqlite import SQLiteStore
from store.conftest import Backing
from support.stores import STORE_KEYS

SETTINGS = {"CONVIRZA_TIMEZONE": "America/Denver", "CONVIRZA_PRIVACY_KEY": "61" * 32}
OTHER_KEYS = "B" * 42 + "A="


@pytest.fixture
async def second(backing: Backing) -> AsyncIterator[Store]:
    async with backing.opened() as store:
        yield store


async def reached(store: Store, settings: dict[str, str], keys: str = STORE_KEYS) -> bool:
    agreement = Agreement(store, Cipher(keys), settings)
    await agreement.check()
    return agreement.is_reached


def lines(log: pytest.LogCaptureFixture) -> list[dict[str, object]]:
    return [json.loads(record.getMessage()) for record in log.records]


async def test_equal_settings_agree(store: Store, second: Store, caplog: pytest.LogCaptureFixture) -> None:
    assert [await reached(each, SETTINGS) for each in (store, second, store)] == [True] * 3
    assert lines(caplog) == []


@pytest.mark.parametrize(
    ("settings", "differing"),
    [
        (SETTINGS | {"CONVIRZA_TIMEZONE": "UTC"}, ["CONVIRZA_TIMEZONE"]),
        ({"CONVIRZA_TIMEZONE": "UTC"}, ["CONVIRZA_PRIVACY_KEY", "CONVIRZA_TIMEZONE"]),
        (SETTINGS | {"CONVIRZA_OUTPUT": "'text'"}, ["CONVIRZA_OUTPUT"]),
    ],
)
async def test_other_settings_are_named_and_not_shown(
    store: Store, second: Store, settings: dict[str, str], differing: list[str], caplog: pytest.LogCaptureFixture
) -> None:
    assert await reached(store, SETTINGS)
    assert not await reached(second, settings)
    # The one that serves already goes on.
    assert await reached(store, SETTINGS)
    assert [line["settings"] for line in lines(caplog)] == [differing]
    assert all(value not in caplog.text for value in ("Denver", "UTC", "6161"))


async def test_other_keys_are_another_setting(store: Store, second: Store, caplog: pytest.LogCaptureFixture) -> None:
    assert await reached(store, SETTINGS)
    assert not await reached(second, SETTINGS, OTHER_KEYS)
    assert [line["settings"] for line in lines(caplog)] == [["CONVIRZA_STORE_KEYS"]]
    # While keys are replaced, both decrypt.
    assert await reached(second, SETTINGS, f"{STORE_KEYS},{OTHER_KEYS}")


async def test_nothing_can_be_recovered_from_the_store(store: Store) -> None:
    assert await reached(store, SETTINGS)
    (name,) = await store.names("")
    found = await store.get(name)

    assert found is not None
    assert all(word not in found.value for word in (b"CONVIRZA", b"Denver", b"6161"))


async def test_a_minute_after_the_last_replica_new_settings_hold(tmp_path: Path) -> None:
    now = 1_790_000_000.0
    async with aclosing(SQLiteStore(tmp_path / "store.sqlite", now=lambda: now)) as store:
        assert await reached(store, SETTINGS)
        others = Agreement(store, Cipher(STORE_KEYS), {})
        for seconds, is_reached in ((0, False), (59, False), (2, True)):
            now += seconds
            await others.check()
            assert others.is_reached is is_reached


@pytest.mark.skipif(os.name != "posix", reason="Windows has no such modes")
async def test_a_store_that_is_down_is_logged_once_and_so_is_its_return(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    path = tmp_path / "store.sqlite"
    path.touch(0o644)
    async with aclosing(SQLiteStore(path)) as store:
        agreement = Agreement(store, Cipher(STORE_KEYS), SETTINGS)
        for mode, is_reached in ((0o644, False), (0o600, True)):
            path.chmod(mode)
            for _ in range(2):
                await agreement.check()
                assert agreement.is_reached is is_reached

    found = lines(caplog)
    assert [list(line) for line in found] == [["not_ready"], ["ready"]]
    assert "chmod 600" in found[0]["not_ready"]
