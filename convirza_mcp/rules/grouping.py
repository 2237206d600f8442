"""Conversations of one agent or line, and in groups."""

from collections.abc import Callable, Sequence
from datetime import date, datetime, tzinfo
from typing import Literal, NamedTuple, TypeVar

from convirza_mcp.api.models import Conversation
from convirza_mcp.scan.results import Seen
from convirza_mcp.text.clean import clip
from convirza_mcp.text.fold import name_key, on_one_line
from convirza_mcp.text.phone import number_key

GroupBy = Literal["none", "agent", "phone_number", "status", "day", "weekday", "hour"]

NOBODY = "none"
"""What an `agent` argument says for "no agent assigned"."""
_LONGEST_LABEL = 40
_WEEKDAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")


class Group(NamedTuple):
    """What its conversations have in common; `is_missing` where that is the lack of the field.

    `order` is what they are compared by. Groups sort in their natural order, the missing one last. `label` is clean
    and bounded.
    """

    is_missing: bool
    order: str
    label: str


EVERYTHING = Group(False, "", "all")

GroupOf = Callable[[Conversation], Group]
Key = TypeVar("Key", int, str)


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


def grouping(by: GroupBy, zone: tzinfo) -> GroupOf:
    """What tells a conversation's group. Made for one pass: a group is called as its first conversation wrote it.

    Agents and statuses are alike whatever their case and white space, lines whatever stands between the digits.
    Days, weekdays and hours are those of `conversation_updated` by the clock of `zone`.
    """
    match by:
        case "none":
            return lambda _: EVERYTHING
        case "agent":
            return _by_text(lambda each: each.agent, name_key, "no agent")
        case "phone_number":
            return _by_text(lambda each: each.phone_number, number_key, "no line")
        case "status":
            return _by_text(lambda each: each.conversation_status, name_key, "no status")
        case "day":
            return _by_time(zone, datetime.toordinal, _day)
        case "weekday":
            return _by_time(zone, datetime.weekday, _weekday)
        case "hour":
            return _by_time(zone, lambda local: local.hour, _hour)


def _by_text(text_of: Callable[[Conversation], str | None], order_of: Callable[[str], str], nothing: str) -> GroupOf:
    missing = Group(True, "", nothing)
    by_order = {"": missing}

    def group_at(text: str) -> Group:
        shown = on_one_line(text)
        order = order_of(shown)
        return by_order.setdefault(order, Group(False, order, clip(shown, _LONGEST_LABEL)))

    return _remembering(text_of, group_at, missing)


def _by_time(zone: tzinfo, place_of: Callable[[datetime], int], group_at: Callable[[int], Group]) -> GroupOf:
    def place(conversation: Conversation) -> int | None:
        updated = conversation.conversation_updated
        return None if updated is None else place_of(updated.astimezone(zone))

    return _remembering(place, group_at, Group(True, "", "no time"))


def _remembering(
    key_of: Callable[[Conversation], Key | None], group_at: Callable[[Key], Group], missing: Group
) -> GroupOf:
    # A few values stand in many rows: the group of each is made once.
    by_key: dict[Key, Group] = {}

    def group_of(conversation: Conversation) -> Group:
        key = key_of(conversation)
        if key is None:
            return missing
        found = by_key.get(key)
        if found is None:
            found = by_key[key] = group_at(key)
        return found

    return group_of


def _day(ordinal: int) -> Group:
    day = date.fromordinal(ordinal).isoformat()
    return Group(False, day, day)


def _weekday(weekday: int) -> Group:
    return Group(False, str(weekday), _WEEKDAYS[weekday])


def _hour(hour: int) -> Group:
    return Group(False, f"{hour:02}", f"{hour:02}:00")
