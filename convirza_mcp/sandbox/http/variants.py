"""Questions that Convirza's documentation leaves open, with the sandbox's default answers and the alternatives."""

import random
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from types import MappingProxyType
from typing import Any, NamedTuple

from convirza_mcp.sandbox.http.exchange import RefusalError
from convirza_mcp.sandbox.seed.conversation import Conversation

Row = dict[str, Any]


def _alike(_conversation: Conversation) -> int:
    return 0


def _pinned_first(conversation: Conversation) -> int:
    return 0 if conversation.row["pin"] else 1


def _last_message(conversation: Conversation) -> int:
    return conversation.updated


def _first_message(conversation: Conversation) -> int:
    return conversation.started


def _any_length(_start: datetime, _end: datetime) -> None:
    return


def _at_most_31_days(start: datetime, end: datetime) -> None:
    if end - start > timedelta(days=31):
        raise RefusalError(400, "The range between start and end must not exceed 31 days.")


def _any_end(_end: datetime, _now: datetime) -> None:
    return


def _end_by_now(end: datetime, now: datetime) -> None:
    # Clocks differ.
    if end - now > timedelta(minutes=1):
        raise RefusalError(400, "end must not be in the future.")


def _empty_page(_offset: int, _total: int) -> None:
    return


def _not_found(offset: int, total: int) -> None:
    # The first page of an empty view is not beyond the end.
    if offset > 0 and offset >= total:
        raise RefusalError(404, "No conversations found at this offset.")


def _refused(name: str, asked: int, lowest: int, highest: int | None) -> int:
    if asked < lowest:
        raise RefusalError(400, f"{name} must be at least {lowest}.")
    if highest is not None and asked > highest:
        raise RefusalError(400, f"{name} must be at most {highest}.")
    return asked


def _clamped(_name: str, asked: int, lowest: int, highest: int | None) -> int:
    return max(lowest, asked if highest is None else min(asked, highest))


def _latest_direction(conversation: Conversation) -> str:
    return str(conversation.row["sms_type"])


def _origin(conversation: Conversation) -> str:
    return conversation.origin


def _everyone(users: list[Row]) -> list[Row]:
    return users


def _no_users(_users: list[Row]) -> list[Row]:
    raise RefusalError(403, "You do not have permission to list users.")


def _fewer_users(users: list[Row]) -> list[Row]:
    return users[::2]


def _without_groups(users: list[Row]) -> list[Row]:
    empty = {"group": None, "group_org_unit_id": None, "parent_group": None, "account": None}
    return [row | empty if place % 3 else row for place, row in enumerate(users)]


def _complete(row: Row) -> Row:
    return row


def _with_nulls(row: Row) -> Row:
    # Derived from the conversation's id, so that a row is the same on every page and in every run.
    draw = random.Random(row["conversation_id"]).random
    kept: Row = {"conversation_id": row["conversation_id"]}
    for name, value in row.items():
        if name == "conversation_id":
            continue
        fate = draw()
        if fate < 0.25:
            kept[name] = None
        elif fate >= 0.40:
            kept[name] = value
    if draw() < 0.5:
        kept["org_unit_id"] = 1001
    if draw() < 0.3:
        kept["campaign"] = {"id": 31, "name": "Spring flyer", "tags": ["print", None]}
    return kept


@dataclass(frozen=True)
class Answers:
    """Answers to the questions that the documentation leaves open: one field each, with the default answer.

    A function may raise RefusalError, which becomes the answer to the request.
    """

    rank: Callable[[Conversation], int] = _alike
    """Rank of a conversation; lower ranks come first in any order."""
    window_time: Callable[[Conversation], int] = _last_message
    """Time that the range filters, in seconds since 1970."""
    admit_window: Callable[[datetime, datetime], None] = _any_length
    """Check that a range, `start` to `end`, is allowed."""
    admit_end: Callable[[datetime, datetime], None] = _any_end
    """Check that the end of a range is allowed, given the present time."""
    admit_offset: Callable[[int, int], None] = _empty_page
    """Check that an offset is allowed for a view with so many conversations."""
    bounded: Callable[[str, int, int, int | None], int] = _refused
    """Value to use for a parameter outside its bounds, given its name, value, minimum and maximum."""
    sms_type: Callable[[Conversation], str] = _latest_direction
    """Value of `sms_type`."""
    fields: Callable[[Row], Row] = _complete
    """Fields that a row has."""
    users: Callable[[list[Row]], list[Row]] = _everyone
    """Users that a list has, with their fields."""
    refresh_ends_access: bool = False
    """Whether a refresh ends the access token before it at once."""


class _Variant(NamedTuple):
    sentence: str
    of: Callable[[Answers], Answers]


_VARIANTS: Mapping[str, _Variant] = {
    "pinned-first": _Variant(
        "Pinned conversations come first in either order.",
        lambda answers: replace(answers, rank=_pinned_first),
    ),
    "range-on-started": _Variant(
        "start and end filter conversation_started instead of conversation_updated.",
        lambda answers: replace(answers, window_time=_first_message),
    ),
    "max-31-days": _Variant(
        "A range longer than 31 days is refused with 400.",
        lambda answers: replace(answers, admit_window=_at_most_31_days),
    ),
    "past-end": _Variant(
        "An end more than a minute in the future is refused with 400.",
        lambda answers: replace(answers, admit_end=_end_by_now),
    ),
    "offset-404": _Variant(
        "An offset beyond the end is answered with 404 instead of an empty page.",
        lambda answers: replace(answers, admit_offset=_not_found),
    ),
    "clamped-limits": _Variant(
        "A limit or offset out of bounds is moved to the nearest allowed value instead of refused.",
        lambda answers: replace(answers, bounded=_clamped),
    ),
    "nulls": _Variant(
        "Any field but conversation_id may be null or missing, and rows have fields that no documentation names.",
        lambda answers: replace(answers, fields=_with_nulls),
    ),
    "sms-type-origin": _Variant(
        "sms_type tells how the conversation began instead of the direction of its latest message.",
        lambda answers: replace(answers, sms_type=_origin),
    ),
    "users-403": _Variant(
        "The list of users is refused with 403.",
        lambda answers: replace(answers, users=_no_users),
    ),
    "fewer-users": _Variant(
        "The list of users lacks some whose conversations are in the inbox.",
        lambda answers: replace(answers, users=_fewer_users),
    ),
    "null-groups": _Variant(
        "Most users have null for their group, its parent group and their account.",
        lambda answers: replace(answers, users=_without_groups),
    ),
    "refresh-ends-access": _Variant(
        "A refresh ends the access token before it at once, instead of leaving it to expire.",
        lambda answers: replace(answers, refresh_ends_access=True),
    ),
}

VARIANTS: Mapping[str, str] = MappingProxyType({name: variant.sentence for name, variant in _VARIANTS.items()})
"""Variants by name, each with one sentence on its change."""


def answers_of(names: frozenset[str]) -> Answers:
    """Return the answers with these variants. ValueError for a name not in VARIANTS."""
    unknown = sorted(names - _VARIANTS.keys())
    if unknown:
        raise ValueError(f"no such variant: {', '.join(unknown)}; there are {', '.join(_VARIANTS)}")
    answers = Answers()
    for name in sorted(names):
        answers = _VARIANTS[name].of(answers)
    return answers


def served_row(conversation: Conversation, answers: Answers) -> Row:
    """Return the conversation's row with these answers."""
    return answers.fields(conversation.row | {"sms_type": answers.sms_type(conversation)})
