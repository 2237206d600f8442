"""The part of a set of conversations that a question is about."""

from collections.abc import Sequence

from convirza_mcp.scan.results import Seen
from convirza_mcp.text.compare import name_key
from convirza_mcp.text.phone import number_key

NOBODY = "none"
"""What an `agent` argument says for "no agent assigned"."""


def narrowed(seen: Sequence[Seen], *, agent: str | None, phone_number: str | None) -> list[Seen]:
    """Those of one agent (`none`: of nobody) and one business line, by whole value, whatever the case."""
    kept = list(seen)
    if agent is not None:
        wanted = "" if agent.casefold() == NOBODY else name_key(agent)
        kept = [each for each in kept if name_key(each.conversation.agent) == wanted]
    if phone_number is not None:
        line = number_key(phone_number)
        kept = [each for each in kept if number_key(each.conversation.phone_number) == line]
    return kept
