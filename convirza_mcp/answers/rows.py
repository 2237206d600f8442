"""Rows with more than the fields of a conversation."""

from dataclasses import replace
from typing import Any

from convirza_mcp.answers import records
from convirza_mcp.answers.records import Value
from convirza_mcp.answers.row_budget import Lengths
from convirza_mcp.business_lines import BusinessLines, line_label
from convirza_mcp.clock.durations import MINUTE, duration_text, seconds_of, wait_text
from convirza_mcp.clock.window import Window
from convirza_mcp.rules.messages import remarks
from convirza_mcp.rules.waiting import WaitClock, Waiting
from convirza_mcp.scan.results import Seen

SEARCH_COLUMNS = (*records.COMPACT_COLUMNS, "line", "why")
WAITING_COLUMNS = ("conversation_id", "waiting", "since", "source_name", "source", "agent", "message", "why")
MESSAGE_LENGTH = 80


def waiting_row(
    waiting: Waiting,
    clock: WaitClock,
    window: Window,
    *,
    with_year: bool,
    lengths: Lengths = Lengths(MESSAGE_LENGTH),  # noqa: B008 - it cannot change
) -> list[Value]:
    """Return the values of `WAITING_COLUMNS`; the time of the latest message as in a compact row."""
    message, name = lengths
    row = waiting.conversation
    compact = records.compact_row(row, window, with_year=with_year, message_length=message, name_length=name)
    values = dict(zip(records.COMPACT_COLUMNS, compact, strict=True))
    values["since"] = values["conversation_updated"]
    values["waiting"] = wait_text(waiting.seconds, days=clock.hours.is_round_the_clock)
    values["why"] = ", ".join(waiting.reasons)
    return [values[column] for column in WAITING_COLUMNS]


def search_row(
    seen: Seen,
    window: Window,
    why: str,
    *,
    with_year: bool,
    message: str | None,
    lengths: Lengths,
    lines: BusinessLines,
) -> list[Value]:
    """Return the values of `SEARCH_COLUMNS`, with this text for the message."""
    shown = replace(seen.conversation, message=message)
    compact = records.compact_row(
        shown, window, with_year=with_year, message_length=lengths.message, name_length=lengths.name
    )
    number = seen.conversation.phone_number
    line = None if number is None else line_label(number, lines)
    return [*compact, records.short_text(line, lengths.name), why]


def facts(seen: Seen, window: Window, *, with_year: bool) -> list[str]:
    """Return the outcome of the conversation: `closed 11-26 16:02`, `answered in 47m`, `pinned`.

    The time of closing has its year if `with_year`, or if the window ends in another year.
    """
    conversation, found = seen.conversation, []
    if seen.closed and conversation.closed_at is not None:
        at = window.local(conversation.closed_at)
        is_of_another_year = at.year != window.local(window.end).year
        found.append(f"closed {records.compact_time(at, with_year=with_year or is_of_another_year)}")
    elif seen.closed:
        found.append("closed")
    if conversation.first_response_time is not None:
        seconds = seconds_of(conversation.first_response_time)
        found.append(f"answered in {duration_text(seconds) if seconds < MINUTE else wait_text(seconds)}")
    elif conversation.was_never_answered:
        found.append("never answered")
    if conversation.pin:
        found.append("pinned")
    return found + remarks(conversation.message)


def keyed_waiting(waiting: Waiting, window: Window) -> dict[str, Any]:
    """Return an object with fixed keys, including `waiting_seconds` (null if unknown) and `reasons`."""
    return {
        **records.keyed_record(waiting.conversation, window),
        "waiting_seconds": None if waiting.seconds is None else int(waiting.seconds),
        "reasons": waiting.reasons,
    }
