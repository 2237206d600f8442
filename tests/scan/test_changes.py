from contextlib import suppress
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from convirza_mcp.errors import InvalidArgumentError
from convirza_mcp.scan.changes import Cursor
from support.snapshots import Snapshot

NOW = datetime(2026, 3, 6, 16, 12, 30, 500_000, tzinfo=UTC)
DENVER = ZoneInfo("America/Denver")
MOMENTS = st.datetimes(datetime(2000, 1, 1), datetime(2099, 12, 31)).map(lambda moment: moment.replace(tzinfo=UTC))
IDS = st.integers(0, 10**40)


def read(text: str) -> Cursor:
    return Cursor.read(text, now=NOW, zone=DENVER)


def test_a_cursor_is_plain_text() -> None:
    moment = datetime(2026, 3, 5, 10, 35, 0, 123_000, tzinfo=UTC)

    assert str(Cursor(moment, 987654)) == "2026-03-05T10:35:00.123000Z~987654"
    assert str(Cursor(moment)) == "2026-03-05T10:35:00.123000Z~end"


@given(moment=MOMENTS, conversation_id=IDS | st.none())
def test_a_cursor_is_read_as_it_was_written(moment: datetime, conversation_id: int | None) -> None:
    cursor = Cursor(moment, conversation_id)

    assert read(str(cursor)) == cursor
    assert read(f" {cursor}\n") == cursor


@given(
    rows=st.lists(st.tuples(st.sampled_from([NOW + timedelta(microseconds=n) for n in range(3)]), st.integers(0, 5)))
)
def test_the_order_is_by_time_then_id(rows: list[tuple[datetime, int]]) -> None:
    for place in rows:
        assert [row for row in rows if Cursor(*place).is_before(*row)] == [row for row in rows if row > place]
        assert [row for row in rows if Cursor(place[0]).is_before(*row)] == [row for row in rows if row[0] > place[0]]


@pytest.mark.parametrize(
    ("text", "cursor"),
    [
        # Strictly after a time's first instant.
        ("2026-03-05T10:30:00Z", "2026-03-05T10:30:00.000000Z~end"),
        ("2026-03-05T10:30:00+02:00", "2026-03-05T08:30:00.000000Z~end"),
        ("now", "2026-03-06T16:12:30.000000Z~end"),
        ("24h", "2026-03-05T16:12:30.000000Z~end"),
        ("yesterday 17:30", "2026-03-06T00:30:00.000000Z~end"),
        # Of an hour that comes twice, the first.
        ("2025-11-02T01:30:00", "2025-11-02T07:30:00.000000Z~end"),
        # From a day's beginning on.
        ("2026-03-05", "2026-03-05T06:59:59.999999Z~end"),
        ("today", "2026-03-06T06:59:59.999999Z~end"),
        ("yesterday", "2026-03-05T06:59:59.999999Z~end"),
        ("2000-01-01", "2000-01-01T06:59:59.999999Z~end"),
    ],
)
def test_a_time_is_a_cursor(text: str, cursor: str) -> None:
    assert str(read(text)) == cursor
    assert read(cursor) == read(text)


@pytest.mark.parametrize(
    "text",
    [
        "soon",
        "~",
        "2026-03-05T10:35:00.123000Z~",
        "2026-03-05T10:35:00.123Z~987654",
        "2026-03-05T10:35:00.123000~987654",
        "2026-13-05T10:35:00.123000Z~987654",
        "2026-03-05T10:35:00.123000Z~-1",
        "2026-03-05T10:35:00.123000Z~END",
        "2026-03-05T10:35:00.123000Z~9876~54",
        "2026-03-05T10:35:00.123000Z~٣",
        "0001-01-01T00:00:00.000000Z~1",
        "9999-12-31T23:59:59.999999Z~1",
        "2026-03-05T10:35:00.123000Z~" + "9" * 100_000,
        "~" * 1_000_000,
    ],
)
def test_what_is_neither_is_one_sentence(text: str, snapshot: Snapshot) -> None:
    with pytest.raises(InvalidArgumentError) as refused:
        read(text)

    snapshot.shared(str(refused.value))
    assert len(str(refused.value)) < 300


@given(st.text())
def test_any_text_is_a_cursor_or_refused(text: str) -> None:
    with suppress(InvalidArgumentError):
        cursor = read(text)
        assert read(str(cursor)) == cursor


def test_a_time_to_come_is_refused(snapshot: Snapshot) -> None:
    with pytest.raises(InvalidArgumentError) as error:
        read("23:00")
    snapshot(error.value)
