"""Rows with dirt in every string, their clean twins, and a real server that gives pages of either."""

import json
from collections.abc import Sequence
from typing import Any

from faults.answers import JSON, Answer, whole
from faults.exchange import Exchange
from support.rows import DOCUMENTED, envelope

DIRT = "".join(
    (
        *("\x00", "\x07", "\x7f", "\x81", "\x1b[31m", "\x1b]0;x\x07", "\x9b1m", "\x1bPq\x1b\\", "\x1bc"),
        *("\U000e0041", "\u202e", "\u2066", "\u200f", "\u061c", "\u200b", "\u2060", "\u2063", "\ufeff", "\u00ad"),
        *("\u034f", "\u180e", "\u200d", "\u200c", "\ufe00", "\U000e0101", "\u3164", "\u17b4", "\ue000", "\uffff"),
        *("\U0001d173", "\U000e0fff", "\U0010fffd", "\ufff9"),
    )
)
"""One of every class that vanishes wherever it stands, in an order that no letter beside it gives a meaning."""

TEXTS = {name for name, value in DOCUMENTED.items() if isinstance(value, str)} - {
    *("conversation_started", "conversation_updated", "closed_at", "first_response_time", "avg_response_time")
}
OTHERS = [name for name in DOCUMENTED if name not in TEXTS | {"conversation_id"}]

ANSWERED = {"timestamp": "2026-03-06T16:12:00.000Z"}
"""After every row's time: nothing changes ahead of Convirza's clock."""


def dirty(text: str) -> str:
    """Dirt before, behind and within the text; it looks the same."""
    return DIRT + DIRT.join((text[:1], text[1:])) + DIRT


def dirty_and_clean(count: int) -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
    """Rows, and what a reader must take them for.

    In every second one the texts are dirty. In the others so is each field that should be a number, a truth or a time,
    written as a text: nobody can read them. All have a field with a dirty name that no documentation knows.
    """
    soiled, twins = [], []
    for number in range(count):
        row = DOCUMENTED | {
            "conversation_id": 900_000 + number,
            "conversation_updated": f"2026-03-05T10:{number % 60:02}:00.000Z",
            "source": f"1801555{number:04}",
            "source_name": f"Ann Lee {number}",
            "agent": ("Bob Ray", "Cy Dee", "Eva Fox")[number % 3],
            "message": f"Please call {number} me",
        }
        if number % 2:
            # With its count unreadable, a conversation's status is what tells whether it waits.
            row |= {"conversation_status": "read", "sms_type": "outgoing"}
        bad = row | {name: dirty(row[name]) for name in TEXTS}
        if number % 2:
            bad |= {name: dirty(str(row[name])) for name in OTHERS}
            row |= dict.fromkeys(OTHERS)
        soiled.append(bad | {dirty("note"): dirty("x"), "tags": [dirty("a"), {dirty("b"): dirty("c")}]})
        twins.append(row)
    return soiled, twins


def pages_of(rows: Sequence[dict[str, Any]], **envelope_changes: Any) -> Answer:
    """The rows as both the open and the closed view, newest first or not, whatever the window."""

    async def answer(exchange: Exchange) -> None:
        asked = exchange.request.query
        view = [each for each in rows if (each["conversation_id"] % 3 == 0) == (asked.get("type") == "close")]
        offset, limit = int(asked.get("offset", 0)), int(asked.get("limit", 7))
        page = envelope(view[offset : offset + limit], total=len(view)) | ANSWERED | envelope_changes
        await exchange.send(whole(200, [JSON], json.dumps(page).encode()))

    return answer
