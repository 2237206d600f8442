"""By what conversations are grouped, and which of them belong together."""

from collections.abc import Callable
from datetime import datetime, tzinfo
from typing import Literal, NamedTuple

from convirza_mcp.api.models import Conversation
from convirza_mcp.text.clean import clip
from convirza_mcp.text.compare import name_key, on_one_line
from convirza_mcp.text.phone import number_key

GroupBy = Literal["none", "agent", "phone_number", "status", "day", "weekday", "hour"]

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
    by_order: dict[str, Group] = {"": missing}
    # A few names stand in many rows: each is cleaned once.
    by_text: dict[str | None, Group] = {None: missing}

    def group_of(conversation: Conversation) -> Group:
        text = text_of(conversation)
        found = by_text.get(text)
        if found is None:
            shown = on_one_line(text)
            order = order_of(shown)
            found = by_order.setdefault(order, Group(False, order, clip(shown, _LONGEST_LABEL)))
            by_text[text] = found
        return found

    return group_of


def _by_time(zone: tzinfo, place_of: Callable[[datetime], int], group_at: Callable[[datetime], Group]) -> GroupOf:
    missing = Group(True, "", "no time")
    by_place: dict[int, Group] = {}

    def group_of(conversation: Conversation) -> Group:
        updated = conversation.conversation_updated
        if updated is None:
            return missing
        local = updated.astimezone(zone)
        place = place_of(local)
        found = by_place.get(place)
        if found is None:
            found = by_place[place] = group_at(local)
        return found

    return group_of


def _day(local: datetime) -> Group:
    day = local.date().isoformat()
    return Group(False, day, day)


def _weekday(local: datetime) -> Group:
    return Group(False, str(local.weekday()), _WEEKDAYS[local.weekday()])


def _hour(local: datetime) -> Group:
    return Group(False, f"{local.hour:02}", f"{local.hour:02}:00")
