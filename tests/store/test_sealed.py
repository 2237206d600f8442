"""Sealed values: only the holders of the keys read or write them, and each stands under its own name."""

import time
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from convirza_mcp.store.encryption import Cipher
from convirza_mcp.store.protocol import Stored
from convirza_mcp.store.sealed import SealedStore
from convirza_mcp.store.sqlite import SQLiteStore

OLD, NEW = "A" * 43 + "=", "B" * 42 + "A="
AN_HOUR = 3_600.0


def everything_in(folder: Path) -> bytes:
    return b"".join(each.read_bytes() for each in folder.iterdir())


@pytest.fixture
async def raw(tmp_path: Path) -> AsyncIterator[SQLiteStore]:
    store = SQLiteStore(tmp_path / "store.sqlite", now=time.time)
    yield store
    await store.aclose()


async def test_a_value_is_read_as_it_was_written(raw: SQLiteStore) -> None:
    store = SealedStore(raw, Cipher(OLD))

    assert await store.put("grant:1", b"secret", seconds=AN_HOUR, version=0) == 1
    assert await store.put("grant:1", b"again", seconds=AN_HOUR, version=0) is None
    assert await store.put("grant:1", b"next", seconds=AN_HOUR, version=1) == 2
    assert await store.get("grant:1") == Stored(b"next", 2)
    assert await store.names("grant:") == ["grant:1"]
    assert [await store.count("a", seconds=AN_HOUR) for _ in range(2)] == [1, 2]
    assert await store.delete("grant:1")
    assert await store.get("grant:1") is None


async def test_the_store_itself_holds_nothing_readable(raw: SQLiteStore, tmp_path: Path) -> None:
    await SealedStore(raw, Cipher(OLD)).put("grant:1", b"canary", seconds=AN_HOUR)

    held = everything_in(tmp_path)
    assert b"grant:1" in held
    assert b"canary" not in held


async def test_what_another_program_wrote_changed_or_moved_is_missing(raw: SQLiteStore) -> None:
    store = SealedStore(raw, Cipher(OLD))
    await store.put("a", b"secret", seconds=AN_HOUR)
    sealed = await raw.get("a")
    assert sealed is not None
    for name, value in (("plain", b"{}"), ("changed", sealed.value[:-2] + b"=="), ("moved", sealed.value)):
        await raw.put(name, value, seconds=AN_HOUR)
        assert await store.get(name) is None


async def test_a_value_stays_readable_while_its_key_is_listed(raw: SQLiteStore) -> None:
    await SealedStore(raw, Cipher(OLD)).put("a", b"secret", seconds=AN_HOUR)

    assert await SealedStore(raw, Cipher(f"{NEW},{OLD}")).get("a") == Stored(b"secret", 1)
    assert await SealedStore(raw, Cipher(NEW)).get("a") is None
