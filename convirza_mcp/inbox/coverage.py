"""What an answer about a whole view rests on. A count is never given without it."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

from convirza_mcp.inbox.window import Window


class Gap(StrEnum):
    """Why a view was not read whole."""

    TIME = "time: the call's time ran out; the same call again goes on from here"
    MOVED = "conversations moved while the pages were read; the same call in a minute reads anew"
    REPEATED = "Convirza gave the same page again"
    FEWER = "Convirza announced more conversations than it gave"
    UNCOUNTED = "Convirza gave no usable total"
    MOST = "more conversations than are read at once; ask for a shorter window"


@dataclass(frozen=True, slots=True, kw_only=True)
class Coverage:
    """`read` conversations of `total` in the view, in `requests` requests, as of when reading began.

    `gap` is None when that is all.
    """

    read: int
    total: int | None
    requests: int
    as_of: datetime
    gap: Gap | None = None

    @classmethod
    def together(cls, parts: "Iterable[Coverage]", read: int) -> "Coverage":
        """The coverage of several views, of which `read` different conversations came."""
        parts = tuple(parts)
        totals = [part.total for part in parts]
        gap = next((part.gap for part in parts if part.gap is not None), None)
        total = read if gap is None else None if None in totals else sum(each or 0 for each in totals)
        return cls(
            read=read,
            total=total,
            requests=sum(part.requests for part in parts),
            as_of=min(part.as_of for part in parts),
            gap=gap,
        )

    def shown(self, window: Window) -> dict[str, Any]:
        """As an answer says it; `as_of` in the window's zone."""
        said: dict[str, Any] = {
            "read": self.read,
            "total": self.total,
            "requests": self.requests,
            "complete": self.gap is None,
            "as_of": window.local(self.as_of).isoformat(sep=" ", timespec="seconds")[:19],
        }
        if self.gap is not None:
            said["reason"] = str(self.gap)
        return said
