"""The part of a set of conversations that a question is about."""

from collections.abc import Sequence

from convirza_mcp.scan.seen import Seen
from convirza_mcp.text.compare import folded_value, number_value

NOBODY = "none"
"""What an `agent` argument says for "no agent assigned"."""


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
