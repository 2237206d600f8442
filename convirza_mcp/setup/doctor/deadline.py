"""No check hangs, and none takes the others along."""

from collections.abc import Awaitable, Callable
from typing import TypeVar

import anyio

from convirza_mcp.errors import ConvirzaError
from convirza_mcp.setup.doctor.finding import Finding

Found = TypeVar("Found")


async def within(seconds: float, name: str, check: Awaitable[Found], as_found: Callable[[Finding], Found]) -> Found:
    """What `check` finds; where it takes longer than `seconds` or breaks, a fault of that name, made a `Found`."""
    try:
        with anyio.fail_after(seconds):
            return await check
    except TimeoutError:
        return as_found(
            Finding.fault(
                name,
                f"This check did not end within {seconds:g} seconds.",
                "Run this again; if it stays so, see that this computer's disks and network drives answer.",
            )
        )
    except ConvirzaError as error:
        return as_found(Finding.fault(name, error.message, error.remedy))
    except Exception as mistake:  # noqa: BLE001 - the other checks must be heard
        return as_found(
            Finding.fault(
                name,
                f"This check itself failed ({type(mistake).__name__}).",
                "Update convirza-mcp; if it stays so, report it, with this line.",
            )
        )
