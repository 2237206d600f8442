"""Result of one check, and its deadline."""

from collections.abc import Awaitable
from dataclasses import dataclass
from typing import Self, TypeVar

import anyio

from convirza_mcp.errors import ConvirzaError

Found = TypeVar("Found")


@dataclass(frozen=True, slots=True)
class Finding:
    """Result of a check. `ok` is None if it was skipped. `detail` and `remedy` are complete sentences.

    Neither ever contains a token, a phone number or a text of the inbox. `remedy` is None if there is nothing to do.
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


async def within(seconds: float, name: str, check: Awaitable[Found]) -> Found | Finding:
    """Return the result of `check`; if it exceeds `seconds` or raises, a fault of that name."""
    try:
        with anyio.fail_after(seconds):
            return await check
    except TimeoutError:
        return Finding.fault(
            name,
            f"This check did not end within {seconds:g} seconds.",
            "Run this again. If it happens again, check this computer's disks and network drives.",
        )
    except ConvirzaError as error:
        return Finding.fault(name, error.message, error.remedy)
    except Exception as mistake:  # noqa: BLE001 - the other checks must be heard
        return Finding.fault(
            name,
            f"This check itself failed ({type(mistake).__name__}).",
            "Update convirza-mcp. If it happens again, report it with this line.",
        )


@dataclass(frozen=True, slots=True)
class Verdict:
    """Result for an entry. `remedy` is None if the entry works."""

    detail: str
    remedy: str | None = None
