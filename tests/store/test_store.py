"""What every store does, over SQLite and over a real Redis."""

from contextlib import AsyncExitStack

import anyio
import anyio.lowlevel
import pytest
from hypothesis import given
from hypothesis import strategies as st

from convirza_mcp.errors import StoreLockedError
from convirza_mcp.store.checks import MOST_BYTES, check_name
from convirza_mcp.store.protocol import Store, Stored
from store.conftest import Backing

AN_HOUR = 3_600.0
SHORT = 0.05
BYTES = b"12 \x00\xff\n"


async def test_a_value_is_read_as_it_was_written_with_a_version_that_grows(store: Store) -> None:
    assert await store.get("grant:1") is None
    assert await store.put("grant:1", BYTES, seconds=AN_HOUR) == 1
    assert await store.get("grant:1") == Stored(BYTES, 1)
    assert await store.put("grant:1", b"", seconds=AN_HOUR) == 2
    assert await store.get("grant:1") == Stored(b"", 2)


async def test_a_write_depends_on_the_version(store: Store) -> None:
    assert await store.put("a", b"first", seconds=AN_HOUR, version=1) is None
    assert await store.put("a", b"first", seconds=AN_HOUR, version=0) == 1
    assert await store.put("a", b"again", seconds=AN_HOUR, version=0) is None
    assert await store.put("a", b"second", seconds=AN_HOUR, version=1) == 2
    assert await store.put("a", b"late", seconds=AN_HOUR, version=1) is None
    assert await store.get("a") == Stored(b"second", 2)


async def test_of_many_writers_at_once_one_writes(store: Store) -> None:
    written: list[int | None] = []

    async def write() -> None:
        written.append(await store.put("a", b"x", seconds=AN_HOUR, version=0))

    async with anyio.create_task_group() as tasks:
        for _ in range(30):
            tasks.start_soon(write)

    assert sorted(written, key=str) == [1, *[None] * 29]


async def test_a_value_is_deleted_once(store: Store) -> None:
    await store.put("a", b"", seconds=AN_HOUR)

    assert [await store.delete("a") for _ in range(2)] == [True, False]


async def test_values_vanish_with_their_time(backing: Backing, store: Store) -> None:
    for name in ("read", "deleted", "written"):
        await store.put(name, b"x", seconds=SHORT)
    await store.put("stays", b"x", seconds=AN_HOUR)
    await store.put("stays:longer", b"x", seconds=SHORT)
    await store.put("stays:longer", b"x", seconds=AN_HOUR)
    await backing.pass_by(2 * SHORT)

    assert await store.names("") == ["stays", "stays:longer"]
    assert (await store.get("read"), await store.delete("deleted")) == (None, False)
    assert await store.put("written", b"x", seconds=AN_HOUR, version=0) == 1


async def test_a_count_grows_and_begins_again_after_its_first_ones_time(backing: Backing, store: Store) -> None:
    assert [await store.count("logins:1", seconds=AN_HOUR) for _ in range(3)] == [1, 2, 3]
    assert await store.count("logins:2", seconds=SHORT) == 1
    await backing.pass_by(2 * SHORT)
    assert await store.count("logins:2", seconds=AN_HOUR) == 1
    assert await store.count("logins:1", seconds=AN_HOUR) == 4


async def test_names_of_a_prefix_are_sorted_and_nothing_is_a_pattern(store: Store) -> None:
    for name in ("grant:2", "grant:10", "grant", "grants:1", "gr*", "gr?", "[g]rant:1", "other"):
        await store.put(name, b"", seconds=AN_HOUR)
    await store.count("grant:count", seconds=AN_HOUR)

    async with store.lock("grant:lock", seconds=AN_HOUR, wait=0):
        assert await store.names("grant:") == ["grant:10", "grant:2"]
    for prefix, found in {"gr*": ["gr*"], "gr?": ["gr?"], "[g]": ["[g]rant:1"], "none": []}.items():
        assert await store.names(prefix) == found


async def test_values_counts_and_locks_do_not_share_names(store: Store) -> None:
    async with store.lock("a", seconds=AN_HOUR, wait=0):
        assert await store.count("a", seconds=AN_HOUR) == 1
        assert await store.get("a") is None
        assert await store.put("a", b"", seconds=AN_HOUR, version=0) == 1


async def test_a_lock_excludes_and_is_released(backing: Backing, store: Store) -> None:
    async with backing.opened() as other:
        async with store.lock("refresh", seconds=AN_HOUR, wait=0):
            with pytest.raises(StoreLockedError):
                async with other.lock("refresh", seconds=AN_HOUR, wait=0.1):
                    raise AssertionError
            async with other.lock("another", seconds=AN_HOUR, wait=0):
                pass
        async with other.lock("refresh", seconds=AN_HOUR, wait=0):
            pass


async def test_who_waits_for_a_lock_gets_it(store: Store) -> None:
    held = 0

    async def hold() -> None:
        nonlocal held
        async with store.lock("refresh", seconds=AN_HOUR, wait=60):
            held += 1
            before = held
            await anyio.lowlevel.checkpoint()
            assert held == before

    async with anyio.create_task_group() as tasks:
        for _ in range(5):
            tasks.start_soon(hold)

    assert held == 5


async def test_a_lock_that_ended_is_not_released_by_its_late_holder(backing: Backing, store: Store) -> None:
    async with AsyncExitStack() as paused, AsyncExitStack() as later:
        await paused.enter_async_context(store.lock("refresh", seconds=SHORT, wait=0))
        await backing.pass_by(2 * SHORT)
        await later.enter_async_context(store.lock("refresh", seconds=AN_HOUR, wait=0))
        await paused.aclose()

        with pytest.raises(StoreLockedError):
            await later.enter_async_context(store.lock("refresh", seconds=AN_HOUR, wait=0))


async def test_a_cancelled_holder_and_a_cancelled_waiter_leave_no_lock(store: Store) -> None:
    async with anyio.create_task_group() as tasks:
        held = anyio.Event()

        async def hold() -> None:
            async with store.lock("refresh", seconds=AN_HOUR, wait=0):
                held.set()
                await anyio.sleep_forever()

        async def wait() -> None:
            async with store.lock("refresh", seconds=AN_HOUR, wait=AN_HOUR):
                await anyio.sleep_forever()

        tasks.start_soon(hold)
        await held.wait()
        tasks.start_soon(wait)
        await anyio.lowlevel.checkpoint()
        tasks.cancel_scope.cancel()

    async with store.lock("refresh", seconds=AN_HOUR, wait=0):
        pass


async def test_all_lasts_beyond_the_program(backing: Backing, store: Store) -> None:
    await store.put("a", b"x", seconds=AN_HOUR)
    await store.count("b", seconds=AN_HOUR)
    await store.aclose()

    async with backing.opened() as again:
        assert (await again.get("a"), await again.count("b", seconds=AN_HOUR)) == (Stored(b"x", 1), 2)


async def test_sizes_are_limited(store: Store) -> None:
    await store.put("a", bytes(MOST_BYTES), seconds=AN_HOUR)

    with pytest.raises(ValueError, match="at most"):
        await store.put("a", bytes(MOST_BYTES + 1), seconds=AN_HOUR)


@given(st.text().filter(lambda name: not (name.isascii() and name.isprintable() and " " not in name) or not name))
def test_names_are_visible_ascii(name: str) -> None:
    with pytest.raises(ValueError, match="printable ASCII"):
        check_name(name)
