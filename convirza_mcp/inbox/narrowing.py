"""Several views as one set of conversations, and the part of it that a question is about."""

import operator
from collections.abc import Sequence
from typing import NamedTuple

from convirza_mcp.api.models import Conversation
from convirza_mcp.inbox.same_value import folded_value, number_value
from convirza_mcp.inbox.views import WholeView

NOBODY = "none"
"""What an `agent` argument says for "no agent assigned"."""


class Seen(NamedTuple):
    """A conversation, and whether it is closed: which is told by the view it came from, never by its fields."""

    conversation: Conversation
    closed: bool


def together(views: Sequence[WholeView]) -> list[Seen]:
    """Each conversation once, in the order read; one that stands in an open view and in `close` is closed."""
    if not views:
        return []
    # Of tens of thousands this takes longer than most questions about them. What is kept names the other views only:
    # a circle would outlive the minute for which the first is held.
    first, *others = views
    known = first.made_of_it.get("together")
    if known is not None and len(known[0]) == len(others) and all(map(operator.is_, known[0], others)):
        return list(known[1])
    seen = _together(views)
    first.made_of_it["together"] = (others, seen)
    return list(seen)


def _together(views: Sequence[WholeView]) -> list[Seen]:
    seen: dict[int, Seen] = {}
    for whole in views:
        closed = whole.type == "close"
        for conversation in whole.conversations:
            if closed or conversation.conversation_id not in seen:
                seen[conversation.conversation_id] = Seen(conversation, closed)
    return list(seen.values())


def narrowed(seen: Sequence[Seen], *, agent: str | None, phone_number: str | None) -> list[Seen]:
    """Those of one agent (`none`: of nobody) and one business line, by whole value, whatever the case."""
    kept = list(seen)
    if agent is not None:
        wanted = "" if agent.casefold() == NOBODY else folded_value(agent)
        kept = [each for each in kept if folded_value(each.conversation.agent) == wanted]
    if phone_number is not None:
        line = number_value(phone_number)
        kept = [each for each in kept if number_value(each.conversation.phone_number) == line]
    return kept
