"""Conversations from several views, without duplicates."""

import operator
from collections.abc import Sequence
from typing import NamedTuple

from convirza_mcp.api.models import Conversation
from convirza_mcp.scan.cache import WholeView


class Seen(NamedTuple):
    """A conversation, and whether it is closed: which is told by the view it came from, never by its fields."""

    conversation: Conversation
    closed: bool

    @property
    def state(self) -> str:
        return "closed" if self.closed else "open"


def together(views: Sequence[WholeView]) -> list[Seen]:
    """Each conversation once, in the order read; one that stands in an open view and in `close` is closed."""
    if not views:
        return []
    # Of tens of thousands this takes longer than most questions about them. What is kept names the other views only:
    # a circle would outlive the minute for which the first is held.
    first, *others = views
    known = first.derived.get("together")
    if known is not None and len(known[0]) == len(others) and all(map(operator.is_, known[0], others)):
        return list(known[1])
    seen = _together(views)
    first.derived["together"] = (others, seen)
    return list(seen)


def _together(views: Sequence[WholeView]) -> list[Seen]:
    seen: dict[int, Seen] = {}
    for whole in views:
        closed = whole.type == "close"
        for conversation in whole.conversations:
            if closed or conversation.conversation_id not in seen:
                seen[conversation.conversation_id] = Seen(conversation, closed)
    return list(seen.values())
