"""What may be asked of `GET /v3/conversations/sms`: its query parameters as one checked value.

Bounds that the documentation gives are refused here, before a request, because it does not say whether
Convirza would refuse them or silently clamp them.
"""

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Literal, get_args

from convirza_mcp.errors import InvalidArgumentError

View = Literal["allOpen", "assignedToYou", "unassigned", "close"]
Order = Literal["desc", "asc"]

VIEWS: tuple[View, ...] = get_args(View)
ORDERS: tuple[Order, ...] = get_args(Order)
DEFAULT_LIMIT = 7
MAX_LIMIT = 200
MAX_SEARCH_LENGTH = 255
MAX_OFFSET = 1_000_000_000
"""Undocumented: far beyond any inbox, and a number that every program can hold."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ConversationQuery:
    """One page of one view.

    `offset` counts conversations, not pages. `search` matches contact names and phone numbers. `start` and
    `end` are aware date-times, sent in UTC to the second; with neither, Convirza's own last 7 days apply.
    Which of a conversation's times they filter is undocumented.

    Raises:
        InvalidArgumentError: a value lies outside the documented bounds.
    """

    offset: int = 0
    limit: int = DEFAULT_LIMIT
    type: View = "allOpen"
    search: str | None = None
    order: Order = "desc"
    start: datetime | None = None
    end: datetime | None = None

    def __post_init__(self) -> None:
        if not _is_whole(self.offset) or not 0 <= self.offset <= MAX_OFFSET:
            raise InvalidArgumentError("offset", f"`offset` takes a whole number from 0 to {MAX_OFFSET}.")
        if not _is_whole(self.limit) or not 1 <= self.limit <= MAX_LIMIT:
            raise InvalidArgumentError("limit", f"`limit` takes a whole number from 1 to {MAX_LIMIT}.")
        if self.type not in VIEWS:
            raise InvalidArgumentError("type", f"`type` takes one of {', '.join(VIEWS)}.")
        if self.order not in ORDERS:
            raise InvalidArgumentError("order", f"`order` takes {' or '.join(ORDERS)}.")
        if self.search is not None and not _is_searchable(self.search):
            raise InvalidArgumentError("search", f"`search` takes text of 1 to {MAX_SEARCH_LENGTH} characters.")
        for name, moment in (("start", self.start), ("end", self.end)):
            if moment is not None and moment.utcoffset() is None:
                raise InvalidArgumentError(name, f"`{name}` takes a date-time with its zone.")
        if self.start is not None and self.end is not None and self.end <= self.start:
            raise InvalidArgumentError("end", "`end` takes a time after `start`.")

    def parameters(self) -> dict[str, str]:
        """The query string's parameters, as Convirza documents them; what is None is not sent."""
        sent = {"offset": str(self.offset), "limit": str(self.limit), "type": self.type, "order": self.order}
        if self.search is not None:
            sent["search"] = self.search
        if self.start is not None:
            sent["start"] = _utc(self.start)
        if self.end is not None:
            sent["end"] = _utc(self.end)
        return sent


def _is_whole(number: object) -> bool:
    return isinstance(number, int) and not isinstance(number, bool)


def _is_searchable(text: str) -> bool:
    # A lone surrogate cannot be sent: it has no UTF-8 form.
    return 1 <= len(text) <= MAX_SEARCH_LENGTH and not any("\ud800" <= character <= "\udfff" for character in text)


def _utc(moment: datetime) -> str:
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
