"""Output records of a conversation: compact for a model, full for details, keyed for programs.

This is the choke point for strangers' text: every string of an API row passes through here, and leaves cleaned and
bounded. Column names are Convirza's own, so that its documentation explains them.
"""

from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import datetime, timedelta, tzinfo
from functools import lru_cache
from typing import Any

from convirza_mcp.api.models import CONVERSATION_FIELDS, Conversation
from convirza_mcp.clock.window import Window
from convirza_mcp.privacy.aliases import is_alias
from convirza_mcp.text.clean import clean, clip
from convirza_mcp.text.fold import on_one_line

COMPACT_COLUMNS = (
    "conversation_id",
    "conversation_updated",
    "source_name",
    "source",
    "unread_count",
    "agent",
    "message",
)
FULL_COLUMNS = CONVERSATION_FIELDS

COMPACT_MESSAGE_LENGTH = 160
FULL_MESSAGE_LENGTH = 2_000
SHORTER_MESSAGES = (FULL_MESSAGE_LENGTH, 1_000, 500, 250)
"""Lengths to try for one conversation's message, until it fits the budget."""
LONGEST_NAME = 80
"""Maximum characters of every text except the message. Real names and numbers are far shorter."""

_LONGEST_REMEMBERED = 500
"""Maximum length of a row's texts together to remember the row, which bounds the memory for them."""

Value = str | int | bool | None

_A_DAY = timedelta(days=1)


def needs_years(window: Window, conversations: Iterable[Conversation]) -> bool:
    """Return whether the window and the conversations span more than one year, so that times need the year."""
    moments = [window.start, window.end]
    moments += [each.conversation_updated for each in conversations if each.conversation_updated]
    # Dates compare many times faster than times with a zone, and no zone is more than a day off.
    dates = [each.date() for each in moments]
    if (min(dates) - _A_DAY).year == (max(dates) + _A_DAY).year:
        return False
    return window.local(min(moments)).year != window.local(max(moments)).year


def compact_row(
    conversation: Conversation,
    window: Window,
    *,
    with_year: bool,
    message_length: int = COMPACT_MESSAGE_LENGTH,
    name_length: int = LONGEST_NAME,
) -> list[Value]:
    """Return the values of `COMPACT_COLUMNS`, on one line, with limited message and text lengths.

    Times are `MM-DD HH:MM` in the window's zone, with the year before it on request.
    """
    texts = (conversation.source_name, conversation.source, conversation.agent, conversation.message)
    is_short = sum(map(len, filter(None, texts))) <= _LONGEST_REMEMBERED
    values = _compact_values if is_short else _compact_values.__wrapped__
    times = (conversation.conversation_updated, window.zone, with_year)
    numbers = (conversation.conversation_id, conversation.unread_count)
    return [*values(numbers, times, texts, message_length, name_length)]


# An inbox changes little between two calls, and cleaning is most of what a row costs.
@lru_cache(maxsize=2_048)
def _compact_values(
    numbers: tuple[int, int | None],
    times: tuple[datetime | None, tzinfo, bool],
    texts: tuple[str | None, str | None, str | None, str | None],
    message_length: int,
    name_length: int,
) -> tuple[Value, ...]:
    (conversation_id, unread_count), (updated, zone, with_year) = numbers, times
    source_name, source, agent, message = texts
    return (
        conversation_id,
        None if updated is None else compact_time(updated.astimezone(zone), with_year=with_year),
        short_text(source_name, name_length),
        short_text(source, name_length),
        unread_count,
        short_text(agent, name_length),
        _clipped(message, message_length),
    )


def compact_rows(
    conversations: Sequence[Conversation], window: Window, message_length: int = COMPACT_MESSAGE_LENGTH
) -> list[list[Value]]:
    """Return a compact row for each; times have the year if one of them needs it."""
    with_year = needs_years(window, conversations)
    return [compact_row(each, window, with_year=with_year, message_length=message_length) for each in conversations]


def compact_time(moment: datetime, *, with_year: bool) -> str:
    """Return a local time to the minute: `03-05 10:35`, on request with the year before it."""
    return moment.isoformat(" ", "minutes")[0 if with_year else len("YYYY-") : len("YYYY-MM-DD HH:MM")]


def full_row(conversation: Conversation, window: Window, message_length: int = FULL_MESSAGE_LENGTH) -> list[Value]:
    """Return the values of `FULL_COLUMNS`; times are ISO 8601 with the offset of the window's zone."""
    return [_full_value(name, getattr(conversation, name), window, message_length) for name in FULL_COLUMNS]


def keyed_record(conversation: Conversation, window: Window) -> dict[str, Value]:
    return dict(zip(FULL_COLUMNS, full_row(conversation, window), strict=True))


def clean_conversation(conversation: Conversation) -> Conversation:
    """Return the conversation with its texts clean, and all but the message on one line and bounded."""
    cleaned: dict[str, Any] = {
        name: clean(text) if name == "message" else short_text(text)
        for name in FULL_COLUMNS
        if isinstance(text := getattr(conversation, name), str)
    }
    return replace(conversation, **cleaned)


def _full_value(column: str, value: Any, window: Window, message_length: int) -> Value:
    if isinstance(value, datetime):
        return window.local(value).isoformat(timespec="seconds")
    if isinstance(value, str):
        return clip(clean(value), message_length) if column == "message" else short_text(value)
    number: int | None = value
    return number


def short_text(text: str | None, length: int = LONGEST_NAME) -> str | None:
    """Return a text other than a message, clean, on one line and bounded; None if nothing is visible."""
    if is_alias(text):
        # A cut alias would be invalid.
        return text
    return _clipped(text, length) or None


def _clipped(text: str | None, length: int) -> str | None:
    return None if text is None else clip(on_one_line(text), length)
