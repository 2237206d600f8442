from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest

from convirza_mcp import Conversation
from convirza_mcp.answers.records import COMPACT_COLUMNS, FULL_COLUMNS, compact_row, full_row, keyed_record, needs_years
from convirza_mcp.clock.window import Window

DENVER = ZoneInfo("America/Denver")
WINDOW = Window(start=datetime(2026, 3, 1, tzinfo=UTC), end=datetime(2026, 3, 8, tzinfo=UTC), zone=DENVER)
CONVERSATION = Conversation(
    conversation_id=987654,
    phone_number="18015557654",
    first_response_time="00:03:21",
    avg_response_time="100:04:15",
    sms_type="incoming",
    conversation_started=datetime(2026, 3, 5, 10, 30, tzinfo=UTC),
    conversation_updated=datetime(2026, 3, 5, 10, 35, 7, 999_000, tzinfo=UTC),
    source="18015551234",
    source_name="John Doe",
    conversation_status="unread",
    ct_user_id=501,
    pin=True,
    message="Can you call\r\nme   back?",
    unread_count=2,
    agent="Ana",
    closed_at=None,
)


def test_a_compact_row_has_the_seven_columns() -> None:
    assert COMPACT_COLUMNS == (
        "conversation_id", "conversation_updated", "source_name", "source", "unread_count", "agent", "message"
    )  # fmt: skip
    assert compact_row(CONVERSATION, WINDOW, with_year=False) == [
        987654, "03-05 03:35", "John Doe", "18015551234", 2, "Ana", "Can you call me back?"
    ]  # fmt: skip


def test_a_full_row_has_every_documented_field() -> None:
    assert keyed_record(CONVERSATION, WINDOW) == {
        "conversation_id": 987654,
        "phone_number": "18015557654",
        "first_response_time": "00:03:21",
        "avg_response_time": "100:04:15",
        "sms_type": "incoming",
        "conversation_started": "2026-03-05T03:30:00-07:00",
        "conversation_updated": "2026-03-05T03:35:07-07:00",
        "source": "18015551234",
        "source_name": "John Doe",
        "conversation_status": "unread",
        "ct_user_id": 501,
        "pin": True,
        "message": "Can you call\nme   back?",
        "unread_count": 2,
        "agent": "Ana",
        "closed_at": None,
    }
    assert full_row(CONVERSATION, WINDOW) == list(keyed_record(CONVERSATION, WINDOW).values())
    assert len(FULL_COLUMNS) == 16


def test_what_the_api_did_not_give_is_null() -> None:
    bare = Conversation(conversation_id=1)

    assert compact_row(bare, WINDOW, with_year=False) == [1, None, None, None, None, None, None]
    assert full_row(bare, WINDOW) == [1] + [None] * 15


def test_blank_names_are_null_and_a_blank_message_stays_a_message() -> None:
    blank = Conversation(conversation_id=1, source_name=" \u200b", agent="", source="\u202e", message="")

    assert compact_row(blank, WINDOW, with_year=False) == [1, None, None, None, None, None, ""]


@pytest.mark.parametrize(("length", "cut"), [(160, "x" * 159 + "…"), (40, "x" * 39 + "…"), (0, "")])
def test_a_compact_message_is_cut(length: int, cut: str) -> None:
    long = Conversation(conversation_id=1, message="x" * 3_000)

    assert compact_row(long, WINDOW, with_year=False, message_length=length)[-1] == cut


def test_a_full_message_is_cut_at_2000_characters_and_names_at_80() -> None:
    long = Conversation(conversation_id=1, message="x" * 3_000, agent="y" * 81, conversation_status="z" * 500)

    record = keyed_record(long, WINDOW)

    assert record["message"] == "x" * 1_999 + "…"
    assert record["agent"] == "y" * 79 + "…"
    assert record["conversation_status"] == "z" * 79 + "…"


def test_every_text_field_is_cleaned() -> None:
    dirty = "a\x1b[31mb\u202ec\U000e0041d\u2028e"
    texts = ("phone_number", "source", "source_name", "sms_type", "conversation_status", "agent")
    conversation = Conversation(conversation_id=1, message=dirty, **dict.fromkeys(texts, dirty))

    record = keyed_record(conversation, WINDOW)

    assert {name: record[name] for name in texts} == dict.fromkeys(texts, "abcd e")
    assert record["message"] == "abcd\ne"
    assert compact_row(conversation, WINDOW, with_year=False)[2:] == ["abcd e", "abcd e", None, "abcd e", "abcd e"]


@pytest.mark.parametrize(
    ("start", "updated", "needed"),
    [
        # Both ends and the row in 2026, in Denver.
        (datetime(2026, 3, 1, tzinfo=UTC), datetime(2026, 3, 5, tzinfo=UTC), False),
        (datetime(2025, 12, 31, tzinfo=UTC), datetime(2026, 3, 5, tzinfo=UTC), True),
        # Already 2026 in UTC, still 2025 where it is shown.
        (datetime(2026, 1, 1, 6, 59, tzinfo=UTC), datetime(2026, 3, 5, tzinfo=UTC), True),
        # The window's filter is undocumented: a row may lie outside of it.
        (datetime(2026, 3, 1, tzinfo=UTC), datetime(2024, 3, 5, tzinfo=UTC), True),
    ],
)
def test_compact_times_have_a_year_when_more_than_one_is_in_play(
    start: datetime, updated: datetime, needed: bool
) -> None:
    window = Window(start=start, end=WINDOW.end, zone=DENVER)

    assert needs_years(window, [Conversation(conversation_id=1, conversation_updated=updated)]) is needed


def test_a_compact_time_may_have_its_year() -> None:
    assert compact_row(CONVERSATION, WINDOW, with_year=True)[1] == "2026-03-05 03:35"
