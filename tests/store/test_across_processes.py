"""Programs that share a store: what one of them did, the others see at once."""

import signal

import pytest

from convirza_mcp.errors import StoreLockedError
from convirza_mcp.store.protocol import Store
from store.conftest import Backing
from support.stores import all_said, programs

pytestmark = pytest.mark.long

AN_HOUR = 3_600.0

ALL = """
print(sum([await store.delete(f"code:{number}") for number in range(100)]))
for _ in range(50):
    await store.count("logins", seconds=3600)
    while True:
        found = await store.get("sum")
        added = str(int(found.value) + 1).encode()
        if await store.put("sum", added, seconds=3600, version=found.version):
            break
for _ in range(15):
    async with store.lock("refresh", seconds=3600, wait=60):
        found = await store.get("under:lock")
        await anyio.sleep(0)
        await store.put("under:lock", str(int(found.value) + 1).encode(), seconds=3600)
"""
HOLD = """
async with store.lock("refresh", seconds=SECONDS, wait=0):
    print("held", flush=True)
    await anyio.sleep_forever()
"""


async def test_programs_delete_count_write_and_lock_as_if_they_were_one(backing: Backing, store: Store) -> None:
    for number in range(100):
        await store.put(f"code:{number}", b"x", seconds=AN_HOUR)
    for name in ("sum", "under:lock"):
        await store.put(name, b"0", seconds=AN_HOUR)

    deleted = all_said(backing.address, ALL, 3)

    assert sum(map(int, deleted)) == 100
    assert await store.names("code:") == []
    assert await store.count("logins", seconds=AN_HOUR) == 151
    assert [found.value for name in ("sum", "under:lock") if (found := await store.get(name))] == [b"150", b"45"]


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
