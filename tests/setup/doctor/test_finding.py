import anyio
import pytest

from convirza_mcp.setup.doctor.finding import Finding, within
from support.snapshots import Snapshot


async def test_what_ends_in_time_is_as_it_is() -> None:
    async def check() -> Finding:
        return Finding.good("disk", "Turns.")

    assert await within(5, "disk", check()) == Finding("disk", True, "Turns.", None)


async def test_what_hangs_is_a_fault(snapshot: Snapshot) -> None:
    snapshot(await within(0.05, "disk", anyio.sleep_forever()))


async def test_what_breaks_is_a_fault_without_its_words(snapshot: Snapshot) -> None:
    async def check() -> Finding:
        raise KeyError("canary")

    snapshot(await within(5, "disk", check()))


async def test_cancelling_ends_a_check() -> None:
    with anyio.CancelScope() as scope:
        scope.cancel()
        await within(5, "disk", anyio.sleep_forever())
        pytest.fail("it was to be cancelled")
    assert scope.cancelled_caught
