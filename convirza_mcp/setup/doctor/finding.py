"""What one check came to, and within which time."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Self, TypeVar

import anyio

from convirza_mcp.errors import ConvirzaError

Found = TypeVar("Found")


@dataclass(frozen=True, slots=True)
class Finding:
    """`ok` is None where the check was skipped. `detail` and `remedy` are whole sentences.

    Neither ever holds a token, a phone number or a text of the inbox. `remedy` is what to do, None where there is
    nothing.
    """

    name: str
    ok: bool | None
    detail: str
    remedy: str | None = None

    @classmethod
    def good(cls, name: str, detail: str) -> Self:
        return cls(name, True, detail)

    @classmethod
    def fault(cls, name: str, detail: str, remedy: str) -> Self:
        return cls(name, False, detail, remedy)

    @classmethod
    def skipped(cls, name: str, reason: str, remedy: str | None = None) -> Self:
        return cls(name, None, f"skipped: {reason}", remedy)


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
                "Run this again. If it happens again, check this computer's disks and network drives.",
            )
        )
    except ConvirzaError as error:
        return as_found(Finding.fault(name, error.message, error.remedy))
    except Exception as mistake:  # noqa: BLE001 - the other checks must be heard
        return as_found(
            Finding.fault(
                name,
                f"This check itself failed ({type(mistake).__name__}).",
                "Update convirza-mcp. If it happens again, report it with this line.",
            )
        )
