"""Programs that share a store: what one of them did, the others see at once."""

import signal

import pytest

from convirza_mcp.errors import StoreLockedError
from convirza_mcp.store.protocol import Store
from store.conftest import Backing
from support.stores import all_said, programs

AN_HOUR = 3_600.0

TAKE = """
print(sum([await store.take(f"code:{number}") is not None for number in range(100)]))
"""
ADD = """
for _ in range(50):
    await store.count("logins", seconds=3600)
    while True:
        found = await store.get("sum")
        added = str(int(found.value) + 1).encode()
        if await store.put("sum", added, seconds=3600, version=found.version):
            break
"""
UNDER_LOCK = """
for _ in range(15):
    async with store.lock("refresh", seconds=3600, wait=60):
        found = await store.get("sum")
        await anyio.sleep(0)
        await store.put("sum", str(int(found.value) + 1).encode(), seconds=3600)
"""
HOLD = """
async with store.lock("refresh", seconds=SECONDS, wait=0):
    print("held", flush=True)
    await anyio.sleep_forever()
"""


async def test_of_many_programs_one_takes_each_value(backing: Backing, store: Store) -> None:
    for number in range(100):
        await store.put(f"code:{number}", b"x", seconds=AN_HOUR)

    said = all_said(backing.address, TAKE, 3)

    assert sum(map(int, said)) == 100
    assert await store.names("") == []


async def test_no_count_and_no_conditional_write_is_lost(backing: Backing, store: Store) -> None:
    await store.put("sum", b"0", seconds=AN_HOUR)

    all_said(backing.address, ADD, 3)

    assert await store.count("logins", seconds=AN_HOUR) == 151
    assert (await store.get("sum")).value == b"150"  # type: ignore[union-attr]


async def test_a_lock_excludes_other_programs(backing: Backing, store: Store) -> None:
    await store.put("sum", b"0", seconds=AN_HOUR)

    all_said(backing.address, UNDER_LOCK, 3)

    assert (await store.get("sum")).value == b"45"  # type: ignore[union-attr]


async def test_a_killed_holder_loses_its_lock_with_its_time(backing: Backing, store: Store) -> None:
    with programs(backing.address, HOLD.replace("SECONDS", "1"), 1) as (holder,):
        assert holder.stdout is not None
        assert holder.stdout.readline() == "held\n"
        holder.send_signal(signal.SIGKILL)
        holder.wait()
        with pytest.raises(StoreLockedError):
            async with store.lock("refresh", seconds=AN_HOUR, wait=0):
                raise AssertionError

        async with store.lock("refresh", seconds=AN_HOUR, wait=30):
            pass
