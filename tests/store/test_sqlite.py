"""The store's file: private, on any path, and refused where it is neither."""

import os
import sqlite3
import stat
from contextlib import aclosing
from pathlib import Path

import pytest

from convirza_mcp.errors import SettingsError, StoreUnavailableError
from convirza_mcp.store.opening import open_store
from convirza_mcp.store.protocol import Stored
from convirza_mcp.store.sqlite import FILE_NAME, SQLiteStore
from support.snapshots import Snapshot

AN_HOUR = 3_600.0


@pytest.mark.skipif(os.name != "posix", reason="Windows has no such modes")
async def test_it_is_private_in_the_private_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path))
    before = os.umask(0)
    try:
        async with aclosing(open_store(None)) as store:
            await store.put("a", b"x", seconds=AN_HOUR)
            folder = tmp_path / "convirza-mcp"
            files = {path.name: stat.S_IMODE(path.stat().st_mode) for path in folder.iterdir()}
    finally:
        os.umask(before)

    assert files == dict.fromkeys((FILE_NAME, f"{FILE_NAME}-wal", f"{FILE_NAME}-shm"), 0o600)
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700


async def test_a_path_is_taken_as_it_stands(tmp_path: Path) -> None:
    path = tmp_path / "a b?#%20.sqlite"
    async with aclosing(open_store(f"sqlite:{path}")) as store:
        await store.put("a", b"x", seconds=AN_HOUR)
    async with aclosing(SQLiteStore(path)) as again:
        assert await again.get("a") == Stored(b"x", 1)


@pytest.mark.skipif(os.name != "posix", reason="Windows has no such modes")
async def test_a_file_that_others_can_read_is_refused(tmp_path: Path, snapshot: Snapshot) -> None:
    path = tmp_path / "store.sqlite"
    path.touch(0o644)
    with pytest.raises(StoreUnavailableError) as raised:
        await SQLiteStore(path).get("a")

    snapshot(raised.value)


@pytest.mark.parametrize("kind", ["damaged", "a folder", "in no folder", "another program's"])
async def test_a_file_that_cannot_be_used_is_named(tmp_path: Path, kind: str, snapshot: Snapshot) -> None:
    path = tmp_path / "store.sqlite"
    match kind:
        case "damaged":
            path.touch(0o600)
            path.write_bytes(b"no database" * 1_000)
        case "a folder":
            path.mkdir()
        case "in no folder":
            path = tmp_path / "none" / "store.sqlite"
        case _:
            path.touch(0o600)
            with sqlite3.connect(path) as other:
                other.execute("CREATE TABLE stored (something)")
            other.close()
    async with aclosing(SQLiteStore(path)) as store:
        with pytest.raises(StoreUnavailableError) as raised:
            await store.get("a")

    snapshot.shared(raised.value)


async def test_what_another_program_holds_is_waited_for_and_then_named(tmp_path: Path) -> None:
    path = tmp_path / "store.sqlite"
    async with aclosing(SQLiteStore(path, busy_seconds=0.01)) as store:
        await store.put("a", b"x", seconds=AN_HOUR)
        other = sqlite3.connect(path, isolation_level=None)
        other.execute("BEGIN IMMEDIATE")
        with pytest.raises(StoreUnavailableError):
            await store.put("a", b"y", seconds=AN_HOUR)
        other.execute("ROLLBACK")
        other.close()

        assert await store.put("a", b"y", seconds=AN_HOUR) == 2


async def test_expired_rows_leave_the_file(tmp_path: Path) -> None:
    now = 1_790_000_000.0
    path = tmp_path / "store.sqlite"
    async with aclosing(SQLiteStore(path, now=lambda: now)) as store:
        for number in range(10):
            await store.put(f"code:{number}", b"CANARY", seconds=60)
            await store.count(f"logins:{number}", seconds=60)
        now += 60
        await store.put("a", b"", seconds=60)
        await store.count("a", seconds=60)
    with sqlite3.connect(path) as reader:
        left = [reader.execute(f"SELECT name FROM {table}").fetchall() for table in ("stored", "counted")]
    reader.close()

    assert left == [[("a",)], [("a",)]]
    assert b"CANARY" not in path.read_bytes()


@pytest.mark.parametrize(
    "setting", ["sqlite:", "sqlite:  ", "sqlite:~nobody-of-this-name/store", "memory:", "redis:/x"]
)
def test_another_address_is_refused(setting: str, snapshot: Snapshot) -> None:
    with pytest.raises(SettingsError) as raised:
        open_store(setting)

    snapshot.shared(raised.value)


async def test_a_clock_that_was_wrong_and_is_set_back_keeps_no_lock_and_no_count(tmp_path: Path) -> None:
    now = [AN_HOUR]
    path = tmp_path / "store.sqlite"
    async with aclosing(SQLiteStore(path, now=lambda: now[0])) as store:
        died = store.lock("a", seconds=30, wait=0)
        await died.__aenter__()
        assert await store.count("a", seconds=60) == 1
        now[0] = 0.0
        async with store.lock("a", seconds=30, wait=0):
            assert await store.count("a", seconds=60) == 1
