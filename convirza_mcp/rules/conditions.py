"""Conditions on conversations, one function each, for the counts of a summary and the filters of a list.

A condition is a figure's name, such as `late`, or a group's column and value, such as `team=Boise`.
"""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from operator import attrgetter
from typing import Self

from convirza_mcp.clock.business_hours import BusinessHours
from convirza_mcp.clock.durations import seconds_of
from convirza_mcp.errors import InvalidArgumentError
from convirza_mcp.rules.grouping import COLUMNS, OF_TEAMS, in_group
from convirza_mcp.rules.messages import ASKED
from convirza_mcp.rules.terms import Terms
from convirza_mcp.rules.waiting import cached_name_key, is_read_but_incoming, is_unread, is_waiting
from convirza_mcp.scan.results import Seen
from convirza_mcp.text.fold import on_one_line
from convirza_mcp.text.phone import number_key
from convirza_mcp.text.typed import plain, strip_wrapping

Condition = Callable[[Seen], object]
"""Function whose result is true for the conversations that meet the condition."""

_PART = re.compile(
    r"""\s*(?P<name>[\w -]{1,40}?)\s*(?:[=＝]\s*"""
    r"""(?:"(?P<quoted>(?:[^"]|"")*)"|[“”„](?P<curly>[^“”„]*)[“”]|(?P<value>[^,，"][^,，]*?))\s*)?(?:[,，]|\Z)"""
)
"""A curly quote in a name is a part of it; one around a name is a quote."""


def _asked_to_stop(terms: Terms) -> Condition:
    # Only if the whole message asks: "may have asked to stop" is not counted.
    return lambda seen: terms.stop_request(seen.conversation.message) == ASKED


def _late(terms: Terms) -> Condition:
    target = terms.target_seconds

    def is_late(seen: Seen) -> bool:
        first = seen.conversation.first_response_time
        return first is not None and seconds_of(first) > target

    return is_late


def _within_target(terms: Terms) -> Condition:
    is_late = _late(terms)
    return lambda seen: seen.conversation.first_response_time is not None and not is_late(seen)


def _missed_target(terms: Terms) -> Condition:
    target, latest = terms.target_seconds, terms.now - timedelta(seconds=terms.target_seconds)

    def has_missed(seen: Seen) -> object:
        conversation = seen.conversation
        if (first := conversation.first_response_time) is not None:
            return seconds_of(first) > target
        # As in Convirza's response times, the time runs from the first message, round the clock.
        began = conversation.conversation_started or conversation.conversation_updated
        return conversation.was_never_answered and began is not None and began < latest

    return has_missed


def _of_group(column: str, value: str, terms: Terms) -> Condition:
    group_of, is_it = COLUMNS[column].of(terms), in_group(column, value)
    if column == "phone_number" and (
        keys := {key for key, line in terms.lines.items() if cached_name_key(line.name) == cached_name_key(value)}
    ):
        return lambda seen: number_key(seen.conversation.phone_number) in keys
    return lambda seen: is_it(group_of(seen.conversation))


FIGURES: Mapping[str, Callable[[Terms], Condition]] = {
    "unread": lambda _: lambda seen: is_unread(seen.conversation),
    "waiting": lambda _: is_waiting,
    "answered": lambda _: attrgetter("conversation.first_response_time"),
    "never_answered": lambda _: attrgetter("conversation.was_never_answered"),
    "first_within_target": _within_target,
    "late": _late,
    "missed_target": _missed_target,
    "pinned": lambda _: attrgetter("conversation.pin"),
    "unassigned": lambda _: lambda seen: not seen.closed and not cached_name_key(seen.conversation.agent),
    "closed": lambda _: attrgetter("closed"),
    "asked_to_stop": _asked_to_stop,
    "read_but_incoming": lambda _: is_read_but_incoming,
    "outside_hours": lambda terms: _of_group("business_hours", "outside", terms),
}
"""Conditions by figure name."""

_TAKES = f"`only` takes {', '.join(FIGURES)}, or a group such as team=Boise; commas between, all must hold."


def check_choice(name: str, value: object, choices: Sequence[str]) -> None:
    """Raise `InvalidArgumentError` for a value, from a Python program, that is not one of the choices."""
    if value not in choices:
        raise InvalidArgumentError(name, f"`{name}` takes one of {', '.join(choices)}.")


def check_needs(argument: str, name: str, hours: BusinessHours, *, has_lines: bool) -> None:
    """Raise `InvalidArgumentError` if a condition or a group needs a setting that is not set."""
    if name == "campaign" and not has_lines:
        raise InvalidArgumentError(argument, f"`{argument}` takes campaign where CONVIRZA_LINES_FILE is set.")
    if name in ("outside_hours", "business_hours") and hours.is_round_the_clock:
        raise InvalidArgumentError(argument, f"`{argument}` takes {name} where CONVIRZA_BUSINESS_HOURS is set.")


@dataclass(frozen=True, slots=True)
class Only:
    """Conditions that must all hold: a figure's name with None, or a column and a value."""

    conditions: tuple[tuple[str, str | None], ...] = ()

    @classmethod
    def read(cls, text: str | None, hours: BusinessHours, *, has_messages: bool = True, has_lines: bool = True) -> Self:
        """Read conditions separated by commas; a value that contains a comma is in double quotes.

        Raise `InvalidArgumentError` for an unknown condition, and for one that these settings cannot decide.
        """
        if text is None:
            return cls()
        found: list[tuple[str, str | None]] = []
        # Ignore a trailing comma.
        rest = strip_wrapping(on_one_line(text)).rstrip(",， ")
        while rest or not found:
            part = _PART.match(rest)
            if part is None:
                raise InvalidArgumentError("only", _TAKES)
            name = re.sub(r"[ -]", "_", plain(part["name"]).casefold())
            values = (part["quoted"] and part["quoted"].replace('""', '"'), part["curly"], part["value"])
            value = next((each for each in values if each is not None), None)
            if name not in (FIGURES if value is None else COLUMNS) or value == "":
                raise InvalidArgumentError("only", _TAKES)
            if value is not None:
                in_group(name, value)
            check_needs("only", name, hours, has_lines=has_lines)
            if name == "asked_to_stop" and not has_messages:
                raise InvalidArgumentError("only", "`only` takes no asked_to_stop while CONVIRZA_PRIVACY is strict.")
            found.append((name, value))
            rest = rest[part.end() :]
        return cls(tuple(dict.fromkeys(found)))

    def __bool__(self) -> bool:
        return bool(self.conditions)

    def __str__(self) -> str:
        """Return only the names, because a value may be a stranger's words."""
        return ", ".join(dict.fromkeys(name for name, _ in self.conditions))

    @property
    def needs_teams(self) -> bool:
        return any(name in OF_TEAMS for name, _ in self.conditions)

    def groups_without(self, seen: Sequence[Seen], terms: Terms) -> list[str]:
        """Return the columns of those conditions whose group is empty among these conversations."""
        named = [(name, value) for name, value in self.conditions if value is not None]
        return [name for name, value in named if not any(map(_of_group(name, value, terms), seen))]

    def holding(self, terms: Terms) -> Condition:
        holds = [
            FIGURES[name](terms) if value is None else _of_group(name, value, terms) for name, value in self.conditions
        ]
        return holds[0] if len(holds) == 1 else lambda seen: all(each(seen) for each in holds)
