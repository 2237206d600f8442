"""Filter conversations by agent and line, and group them: one table of columns, for groups and for conditions."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from operator import attrgetter
from typing import Literal, NamedTuple, TypeVar

from convirza_mcp.api.models import Conversation
from convirza_mcp.business_lines import line_label
from convirza_mcp.errors import InvalidArgumentError
from convirza_mcp.rules.terms import Member, Terms
from convirza_mcp.scan.results import Seen
from convirza_mcp.text.clean import ELLIPSIS, clip
from convirza_mcp.text.entities import decoded
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
_LONGEST_LABEL = 80
_WEEKDAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")


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


def narrowed(seen: Sequence[Seen], by: Mapping[str, str]) -> list[Seen]:
    """Filter by `agent` (`none`: unassigned) and `phone_number`, by whole value, ignoring case."""
    kept = list(seen)
    if "agent" in by:
        wanted = "" if by["agent"].casefold() == UNASSIGNED else name_key(by["agent"])
        kept = [each for each in kept if name_key(each.conversation.agent) == wanted]
    if "phone_number" in by:
        line = number_key(by["phone_number"])
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
    scale: tuple[Group, ...] = ()
    """All groups of a column of time that has few, in order."""


def _text_column(
    missing: str,
    text_of: Callable[[Terms], Callable[[Conversation], str | None]],
    key_of: Callable[[str], str],
    label_of: Callable[[str, Terms], str] = lambda text, _: text,
) -> Column:
    def of(terms: Terms) -> GroupOf:
        nothing = Group(True, "", missing)
        # A text that reads like the missing group would be listed with it, so count it there, too.
        by_order = dict.fromkeys(("", UNASSIGNED, key_of(missing)), nothing)

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
            # Entities in arguments are decoded.
            or whole in (name_key(group.label), name_key(decoded(group.label)))
            or (cut is not None and name_key(group.label).startswith(cut))
        )

    return Column(missing, of, finds)


def _member_column(missing: str, field: Callable[[Member], str | None]) -> Column:
    def text_of(terms: Terms) -> Callable[[Conversation], str | None]:
        known = {user: field(member) for user, member in terms.members.items()}
        return lambda each: None if each.ct_user_id is None else known.get(each.ct_user_id)

    return _text_column(missing, text_of, name_key)


def _time_column(
    place_in: Callable[[Terms], Callable[[datetime], int]],
    group_at: Callable[[int], Group],
    read: Callable[[str], Group | None],
    takes: str,
    scale: tuple[Group, ...] = (),
) -> Column:
    """Group by wall-clock time in the terms' zone, at the time of the conversation that counts."""

    def of(terms: Terms) -> GroupOf:
        time_of, zone, place_of = terms.time_of, terms.zone, place_in(terms)

        def place(conversation: Conversation) -> int | None:
            moment = time_of(conversation)
            return None if moment is None else place_of(moment.astimezone(zone))

        return _remembering(place, group_at, Group(True, "", "no time"))

    def finds(value: str) -> Callable[[Group], bool] | None:
        wanted = read(value)
        return None if wanted is None else lambda group: group == wanted

    return Column("no time", of, finds, takes, is_time=True, scale=scale)


def _dates(first_day: Callable[[date], date], length: int, takes: str) -> Column:
    """Group by the first day of a period, with so many characters of its ISO 8601 date as the label."""

    def group_at(ordinal: int) -> Group:
        label = first_day(date.fromordinal(ordinal)).isoformat()[:length]
        return Group(False, label, label)

    def read(value: str) -> Group | None:
        try:
            return group_at(date.fromisoformat(value + "-01" * (length == len("YYYY-MM"))).toordinal())
        except ValueError:
            return None

    return _time_column(lambda _: datetime.toordinal, group_at, read, takes)


def _scale(place_in: Callable[[Terms], Callable[[datetime], int]], labels: Sequence[str], takes: str) -> Column:
    """Group by place on a scale. A caller may type a label, the beginning of a word, or an hour alone."""
    groups = tuple(Group(False, f"{place:02}", label) for place, label in enumerate(labels))

    def read(value: str) -> Group | None:
        typed = value.casefold()
        written = (typed, f"{typed.removesuffix(':00').zfill(2)}:00")
        is_part = len(typed) >= 3 and typed.isalpha()
        labeled = ((each, each.label.casefold()) for each in groups)
        return next(
            (each for each, label in labeled if label in written or (is_part and label.startswith(typed))), None
        )

    return _time_column(place_in, groups.__getitem__, read, takes, groups)


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
    "campaign": _text_column(
        "no campaign",
        lambda terms: lambda each: line.campaign if (line := terms.lines.get(number_key(each.phone_number))) else None,
        name_key,
    ),
    "day": _dates(lambda day: day, len("YYYY-MM-DD"), "a date such as 2026-03-05"),
    "week": _dates(
        lambda day: day - timedelta(days=day.weekday()), len("YYYY-MM-DD"), "a date of the week, such as 2026-03-02"
    ),
    "month": _dates(lambda day: day, len("YYYY-MM"), "a month such as 2026-03"),
    "weekday": _scale(lambda _: datetime.weekday, _WEEKDAYS, "a weekday such as Monday"),
    "hour": _scale(lambda _: attrgetter("hour"), [f"{hour:02}:00" for hour in range(24)], "an hour from 0 to 23"),
    "business_hours": _scale(
        lambda terms: lambda local: not terms.hours.is_open(local), ("inside", "outside"), "inside or outside"
    ),
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

    Raise `InvalidArgumentError` if no group of this column can have this value.
    """
    known = COLUMNS[column]
    if name_key(value) in (UNASSIGNED, name_key(known.missing)):
        return lambda group: group.is_missing
    found = known.finds(on_one_line(value))
    if found is None:
        raise InvalidArgumentError("only", f"`only` takes {known.takes} for {column}.")
    return lambda group: not group.is_missing and found(group)
