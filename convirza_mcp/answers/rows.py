"""Rows of the answers that say more of a conversation than its fields."""

from typing import Any

from convirza_mcp.answers import records
from convirza_mcp.answers.records import Value
from convirza_mcp.answers.row_budget import Lengths
from convirza_mcp.clock.durations import wait_text
from convirza_mcp.clock.window import Window
from convirza_mcp.rules.waiting import WaitClock, Waiting, reasons

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
    """The values of `WAITING_COLUMNS`; the time of the latest message as in a compact row."""
    compact = records.compact_row(
        waiting.conversation,
        window,
        with_year=with_year,
        message_length=lengths.message,
        name_length=lengths.name,
    )
    values = dict(zip(records.COMPACT_COLUMNS, compact, strict=True))
    values["since"] = values["conversation_updated"]
    values["waiting"] = wait_text(waiting.seconds, days=clock.hours.is_round_the_clock)
    values["why"] = ", ".join(reasons(waiting.conversation))
    return [values[column] for column in WAITING_COLUMNS]


def keyed_waiting(waiting: Waiting, window: Window) -> dict[str, Any]:
    """The conversation as an object with fixed keys, with `waiting_seconds` (null where unknown) and `reasons`."""
    return {
        **records.keyed_record(waiting.conversation, window),
        "waiting_seconds": None if waiting.seconds is None else int(waiting.seconds),
        "reasons": reasons(waiting.conversation),
    }
