"""What a search row says of a conversation besides its fields."""

from dataclasses import replace
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest

from convirza_mcp.answers.rows import facts
from convirza_mcp.api.models import Conversation
from convirza_mcp.clock.window import Window
from convirza_mcp.scan.results import Seen

WINDOW = Window(
    start=datetime(2026, 11, 1, tzinfo=UTC), end=datetime(2026, 12, 1, tzinfo=UTC), zone=ZoneInfo("America/Denver")
)
CLOSED_AT = datetime(2026, 11, 26, 23, 2, 59, tzinfo=UTC)
ANSWERED = Conversation(conversation_id=1, first_response_time="0:47:00", message="Thanks")


@pytest.mark.parametrize(
    ("seen", "why"),
    [
        (Seen(ANSWERED, False), "answered in 47m"),
        (Seen(replace(ANSWERED, first_response_time=None), False), "never answered"),
        (Seen(replace(ANSWERED, first_response_time=None, unreadable=frozenset({"first_response_time"})), False), ""),
        (Seen(replace(ANSWERED, first_response_time="00:00:21"), False), "answered in 21s"),
        (Seen(replace(ANSWERED, first_response_time="26:05:09"), False), "answered in 1d 2h"),
        # In the window's zone.
        (Seen(replace(ANSWERED, closed_at=CLOSED_AT), True), "closed 11-26 16:02, answered in 47m"),
        # An open conversation may have been closed before.
        (Seen(replace(ANSWERED, closed_at=CLOSED_AT), False), "answered in 47m"),
        (Seen(ANSWERED, True), "closed, answered in 47m"),
        (
            Seen(replace(ANSWERED, closed_at=datetime(2027, 1, 2, 12, tzinfo=UTC), pin=True), True),
            "closed 2027-01-02 05:00, answered in 47m, pinned",
        ),
        (Seen(replace(ANSWERED, message="STOP", pin=True), False), "answered in 47m, pinned, asked to stop"),
        (Seen(replace(ANSWERED, message="👍"), False), "answered in 47m"),
    ],
)
def test_a_row_says_what_became_of_its_conversation(seen: Seen, why: str) -> None:
    assert ", ".join(facts(seen, WINDOW, with_year=False)) == why


def test_times_name_the_year_where_the_rows_do() -> None:
    seen = Seen(replace(ANSWERED, closed_at=CLOSED_AT), True)

    assert facts(seen, WINDOW, with_year=True)[0] == "closed 2026-11-26 16:02"
