"""Filter conversations by agent and line, and group them: one table of columns, for groups and for conditions."""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Literal, NamedTuple, TypeVar

from convirza_mcp.api.models import Conversation
from convirza_mcp.business_lines import line_label
from convirza_mcp.errors import InvalidArgumentError
from convirza_mcp.rules.terms import Member, Terms
from convirza_mcp.scan.results import Seen
from convirza_mcp.text.clean import ELLIPSIS, clip
from convirza_mcp.text.fold import name_key, on_one_line
from convirza_mcp.text.phone import number_key

GroupBy = Literal[
    "none",
    "agent",
    "phone_number",
    "status",
    "team",
    "parent_group",
    "account",
    "campaign",
    "day",
    "week",
    "month",
    "weekday",
    "hour",
    "business_hours",
]

UNASSIGNED = "none"
"""Value of an `agent` argument that means "no agent assigned"."""
_LONGEST_LABEL = 40
_WEEKDAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
_HOUR = re.compile(r"([01]?[0-9]|2[0-3])(?::00)?", re.ASCII)
_MONTH = re.compile(r"([0-9]{4})-(0[1-9]|1[0-2])", re.ASCII)
_INSIDE = ("outside", "inside")


class Group(NamedTuple):
    """Group of conversations; `is_missing` if they lack the field.

    `order` is the sort key. Groups sort in their natural order, the missing one last. `label` is clean and bounded.
    """

    is_missing: bool
    order: str
    label: str


EVERYTHING = Group(False, "", "all")

GroupOf = Callable[[Conversation], Group]
Key = TypeVar("Key", int, str)


def narrowed(seen: Sequence[Seen], *, agent: str | None, phone_number: str | None) -> list[Seen]:
    """Filter by one agent (`none`: unassigned) and one business line, by whole value, ignoring case."""
    kept = list(seen)
    if agent is not None:
        wanted = "" if agent.casefold() == UNASSIGNED else name_key(agent)
        kept = [each for each in kept if name_key(each.conversation.agent) == wanted]
    if phone_number is not None:
        line = number_key(phone_number)
        kept = [each for each in kept if number_key(each.conversation.phone_number) == line]
    return kept


@dataclass(frozen=True, slots=True)
class Column:
    """Column to group by. `missing` is the label of the group of conversations that lack it.

    `of` returns the function from a conversation to its group, for one pass; a group's label is the first spelling.
    `finds` returns, for a value that a caller typed, the function that recognizes its group; None for an impossible
    value.
    """

    missing: str
    of: Callable[[Terms], GroupOf]
    finds: Callable[[str], Callable[[Group], bool] | None]
    takes: str = "a value of this column"
    is_time: bool = False


def _text_column(
    missing: str,
    text_of: Callable[[Terms], Callable[[Conversation], str | None]],
    key_of: Callable[[str], str],
    label_of: Callable[[str, Terms], str] = lambda text, _: text,
) -> Column:
    def of(terms: Terms) -> GroupOf:
        nothing = Group(True, "", missing)
        by_order = {"": nothing}

        def group_at(text: str) -> Group:
            shown = on_one_line(text)
            order = key_of(shown)
            return by_order.setdefault(order, Group(False, order, clip(label_of(shown, terms), _LONGEST_LABEL)))

        return _remembering(text_of(terms), group_at, nothing)

    def finds(value: str) -> Callable[[Group], bool]:
        order = key_of(value)
        whole = name_key(value)
        # Labels are cut, and a label copied from an answer must still find its group.
        cut = name_key(value.removesuffix(ELLIPSIS)) if value.endswith(ELLIPSIS) else None
        return lambda group: (
            group.order == order
            or name_key(group.label) == whole
            or (cut is not None and name_key(group.label).startswith(cut))
        )

    return Column(missing, of, finds)


def _member_column(missing: str, field: Callable[[Member], str | None]) -> Column:
    def text_of(terms: Terms) -> Callable[[Conversation], str | None]:
        known = {user: field(member) for user, member in terms.members.items()}
        return lambda each: None if each.ct_user_id is None else known.get(each.ct_user_id)

    return _text_column(missing, text_of, name_key)


def _campaign(terms: Terms) -> Callable[[Conversation], str | None]:
    lines = terms.lines
    return lambda each: line.campaign if (line := lines.get(number_key(each.phone_number))) else None


def _time_column(
    place_in: Callable[[Terms], Callable[[datetime], int]],
    group_at: Callable[[int], Group],
    read: Callable[[str], int | None],
    takes: str,
) -> Column:
    """Group by wall-clock time in the terms' zone, at the time of the conversation that counts."""

    def of(terms: Terms) -> GroupOf:
        time_of, zone, place_of = terms.time_of, terms.zone, place_in(terms)

        def place(conversation: Conversation) -> int | None:
            moment = time_of(conversation)
            return None if moment is None else place_of(moment.astimezone(zone))

        return _remembering(place, group_at, Group(True, "", "no time"))

    def finds(value: str) -> Callable[[Group], bool] | None:
        place = read(value)
        if place is None:
            return None
        wanted = group_at(place)
        return lambda group: group == wanted

    return Column("no time", of, finds, takes, is_time=True)


def _remembering(
    key_of: Callable[[Conversation], Key | None], group_at: Callable[[Key], Group], missing: Group
) -> GroupOf:
    # Few values occur in many rows, so make each group once.
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


def _read_day(value: str) -> int | None:
    try:
        return date.fromisoformat(value).toordinal()
    except ValueError:
        return None


def _monday(ordinal: int) -> int:
    return ordinal - (ordinal - 1) % 7


def _read_week(value: str) -> int | None:
    day = _read_day(value)
    return None if day is None else _monday(day)


def _month(place: int) -> Group:
    month = f"{place // 12:04}-{place % 12 + 1:02}"
    return Group(False, month, month)


def _read_month(value: str) -> int | None:
    found = _MONTH.fullmatch(value)
    return None if found is None else int(found[1]) * 12 + int(found[2]) - 1


def _weekday(weekday: int) -> Group:
    return Group(False, str(weekday), _WEEKDAYS[weekday])


def _read_weekday(value: str) -> int | None:
    typed = value.casefold()
    named = [place for place, name in enumerate(_WEEKDAYS) if len(typed) >= 3 and name.casefold().startswith(typed)]
    return named[0] if named else None


def _hour(hour: int) -> Group:
    return Group(False, f"{hour:02}", f"{hour:02}:00")


def _read_hour(value: str) -> int | None:
    found = _HOUR.fullmatch(value)
    return None if found is None else int(found[1])


def _inside(place: int) -> Group:
    return Group(False, str(1 - place), _INSIDE[place])


def _read_inside(value: str) -> int | None:
    return _INSIDE.index(value.casefold()) if value.casefold() in _INSIDE else None


def _is_inside(terms: Terms) -> Callable[[datetime], int]:
    return lambda local: terms.hours.is_open(local)


COLUMNS: Mapping[str, Column] = {
    "agent": _text_column("no agent", lambda _: lambda each: each.agent, name_key),
    "phone_number": _text_column(
        "no line",
        lambda _: lambda each: each.phone_number,
        number_key,
        lambda line, terms: line_label(line, terms.lines),
    ),
    "status": _text_column("no status", lambda _: lambda each: each.conversation_status, name_key),
    "team": _member_column("no team", lambda member: member.team),
    "parent_group": _member_column("no parent group", lambda member: member.parent_group),
    "account": _member_column("no account", lambda member: member.account),
    "campaign": _text_column("no campaign", _campaign, name_key),
    "day": _time_column(lambda _: datetime.toordinal, _day, _read_day, "a date such as 2026-03-05"),
    "week": _time_column(
        lambda _: lambda local: _monday(local.toordinal()), _day, _read_week, "a date of the week, such as 2026-03-02"
    ),
    "month": _time_column(
        lambda _: lambda local: local.year * 12 + local.month - 1, _month, _read_month, "a month such as 2026-03"
    ),
    "weekday": _time_column(lambda _: datetime.weekday, _weekday, _read_weekday, "a weekday such as Monday"),
    "hour": _time_column(lambda _: lambda local: local.hour, _hour, _read_hour, "an hour from 0 to 23"),
    "business_hours": _time_column(_is_inside, _inside, _read_inside, "inside or outside"),
}
"""Columns by name. Weeks begin on Monday, and their label is that date."""

OF_TEAMS = frozenset({"team", "parent_group", "account"})
"""Columns that need the list of users."""


def grouping(by: GroupBy, terms: Terms) -> GroupOf:
    """Return the function from a conversation to its group, for one pass.

    Agents, teams and statuses compare without case and white space, lines by their digits.
    """
    return (lambda _: EVERYTHING) if by == "none" else COLUMNS[by].of(terms)


def in_group(column: str, value: str) -> Callable[[Group], bool]:
    """Return the function that recognizes the named group; `none` also names the group of those without the field.

    Raises:
        InvalidArgumentError: no group of this column can have this value.
    """
    known = COLUMNS[column]
    if name_key(value) in (UNASSIGNED, name_key(known.missing)):
        return lambda group: group.is_missing
    found = known.finds(on_one_line(value))
    if found is None:
        raise InvalidArgumentError("only", f"`only` takes {known.takes} for {column}.")
    return lambda group: not group.is_missing and found(group)
