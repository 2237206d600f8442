"""Results of a scan: conversations and their coverage. No count is given without its coverage."""

import operator
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any, NamedTuple

from convirza_mcp.api.models import Conversation, View
from convirza_mcp.clock.window import Window


class Gap(StrEnum):
    """Reasons why a read is incomplete."""

    TIME = "time: the call ran out of time; the same call again continues from here"
    MOVED = "conversations moved while the pages were read; the same call in a minute reads again"
    REPEATED = "Convirza returned the same page again"
    FEWER = "Convirza announced more conversations than it returned"
    UNCOUNTED = "Convirza returned no usable total"
    PAGE = "one page of a longer view; next_offset continues it"
    UNFINISHED = "the scan has not ended"
    DROPPED = "some rows have no usable conversation_id"
    MOST = "more conversations than one read allows; use a shorter window"


@dataclass(frozen=True, slots=True, kw_only=True)
class Coverage:
    """Coverage: `read` of `total` conversations in the view, in `requests` requests, as of the start of the read.

    `gap` is None if the read is complete. `unreadable` has the unreadable fields by conversation id; they are null in
    all output. `dropped` counts rows without a usable id.
    """

    read: int
    total: int | None
    requests: int
    as_of: datetime
    gap: Gap | None = None
    unreadable: Mapping[int, frozenset[str]] = field(default_factory=dict, hash=False)
    dropped: int = 0

    @classmethod
    def merge(cls, parts: "Iterable[Coverage]", read: int) -> "Coverage":
        """Return the coverage of several views with `read` distinct conversations."""
        parts = tuple(parts)
        gap = next((part.gap for part in parts if part.gap is not None), None)
        dropped = sum(part.dropped for part in parts)
        return cls(
            read=read,
            total=read + dropped if gap is None else sum_known(part.total for part in parts),
            requests=sum(part.requests for part in parts),
            as_of=min(part.as_of for part in parts),
            gap=gap,
            unreadable={identifier: names for part in parts for identifier, names in part.unreadable.items()},
            dropped=dropped,
        )

    @property
    def complete(self) -> bool:
        return self.reason is None

    @property
    def reason(self) -> str | None:
        """Return why the read is incomplete; None if `complete`."""
        gap = self.gap or (Gap.DROPPED if self.dropped else None)
        return None if gap is None else str(gap)

    @property
    def unreadable_counts(self) -> dict[str, int]:
        """Return the number of unreadable values by field name, sorted.

        `conversation_id` counts the rows left out for lack of an id.
        """
        counts = Counter(name for names in self.unreadable.values() for name in names)
        if self.dropped:
            counts["conversation_id"] = self.dropped
        return dict(sorted(counts.items()))

    def as_dict(self, window: Window) -> dict[str, Any]:
        """Return the coverage for an answer, with `as_of` in the window's zone."""
        document = {"read": self.read, "total": self.total, "requests": self.requests, "complete": self.complete}
        reason = {} if self.reason is None else {"reason": self.reason}
        return {**document, "as_of": window.stamp(self.as_of), **reason}


def sum_known(counts: Iterable[int | None]) -> int | None:
    """Return the sum; None if one of them is unknown."""
    known = [*counts]
    return None if None in known else sum(each or 0 for each in known)


def unreadable_text(counts: Mapping[str, int]) -> str | None:
    """Return `first_response_time (3), unread_count (1)`; None if everything was readable."""
    parts = [
        f"{name} ({count}, rows left out)" if name == "conversation_id" else f"{name} ({count})"
        for name, count in counts.items()
    ]
    return ", ".join(parts) or None


class RequestedView(NamedTuple):
    """Cache key: a view and its window as a question names them, before "now" is filled in."""

    type: View
    start: str | None
    end: str | None


class Seen(NamedTuple):
    """A conversation, and whether it is closed, which its view determines, not its fields."""

    conversation: Conversation
    closed: bool

    @property
    def state(self) -> str:
        return "closed" if self.closed else "open"


@dataclass(frozen=True, slots=True, weakref_slot=True)
class WholeView:
    """Result of scanning a view: each conversation once, in read order, with its coverage."""

    type: View
    conversations: tuple[Conversation, ...]
    coverage: Coverage
    window: Window
    holds_oldest: bool
    """Whether an incomplete read contains the oldest conversations."""
    derived: dict[str, Any] = field(default_factory=dict, compare=False, repr=False)
    """Values that questions derived from it, for reuse while it is cached."""

    @property
    def seen(self) -> list[Seen]:
        """Return its conversations, with whether they are closed."""
        # The same objects each time: tens of thousands of new ones set off a garbage collection.
        found: list[Seen] | None = self.derived.get("seen")
        if found is None:
            found = self.derived["seen"] = [Seen(each, self.type == "close") for each in self.conversations]
        return found


def merge_views(views: Sequence[WholeView]) -> list[Seen]:
    """Deduplicate across views, keeping read order. A conversation in an open view and in `close` is closed."""
    if len(views) < 2:
        return [each for whole in views for each in whole.seen]
    # Cached, because for tens of thousands this takes longer than most questions. The key holds only the other views:
    # a reference cycle would outlive the minute for which the first is cached.
    first, *others = views
    known = first.derived.get("merged")
    if known is not None and len(known[0]) == len(others) and all(map(operator.is_, known[0], others)):
        return list(known[1])
    seen: dict[int, Seen] = {}
    for whole in views:
        for each in whole.seen:
            if each.closed or each.conversation.conversation_id not in seen:
                seen[each.conversation.conversation_id] = each
    first.derived["merged"] = (others, list(seen.values()))
    return list(seen.values())
