"""Where a list goes on: every row comes once, whatever its time, and whatever leaves the list meanwhile."""

from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from convirza_mcp.api.models import Conversation
from convirza_mcp.errors import InvalidArgumentError
from convirza_mcp.rules.place import Place, behind
from convirza_mcp.rules.search.query import newest_first
from convirza_mcp.rules.waiting import waiting_list
from convirza_mcp.scan.results import Seen

NOW = datetime(2026, 3, 6, 16, 12, tzinfo=UTC)
TIMES = st.none() | st.integers(-3, 3).map(lambda each: NOW + timedelta(milliseconds=500 * each))
ROWS = st.lists(TIMES, max_size=12).map(
    lambda times: [
        Seen(Conversation(conversation_id=place, conversation_updated=time, unread_count=1), False)
        for place, time in enumerate(times)
    ]
)


def ids(rows: list[Seen]) -> list[int]:
    return [each.conversation.conversation_id for each in rows]


@given(rows=ROWS, size=st.integers(1, 5), newest=st.booleans(), gone=st.sets(st.integers(0, 11)))
def test_pages_give_each_row_once_in_order(rows: list[Seen], size: int, newest: bool, gone: set[int]) -> None:
    def listed(among: list[Seen]) -> list[Seen]:
        if newest:
            return newest_first(among)
        waits = waiting_list(among, lambda moment: (NOW + timedelta(seconds=9) - moment).total_seconds()).ranked
        return [Seen(each.conversation, False) for each in waits]

    whole, shown, place = listed(rows), [], None
    still = rows
    while page := behind(listed(still), place, lambda each: each.conversation, newest_first=newest)[:size]:
        shown += page
        place = Place.read(str(Place.of(page[-1].conversation)))
        # What has been shown may leave the list meanwhile.
        still = [each for each in still if each not in shown or each.conversation.conversation_id not in gone]

    assert ids(shown) == ids(whole)


@given(
    updated=st.none() | st.datetimes(datetime(2001, 1, 1), datetime(2098, 1, 1)),
    hours=st.integers(-12, 12),
    identifier=st.integers(0, 2**63 - 1),
)
def test_a_place_is_read_as_it_was_written(updated: datetime | None, hours: int, identifier: int) -> None:
    moment = updated and updated.replace(tzinfo=timezone(timedelta(hours=hours)))

    assert Place.read(str(Place(moment, identifier))) == Place(moment, identifier)


@pytest.mark.parametrize(
    "text", ["20", "910123", "2026-03-05~7", "2026-13-05T10:35:00Z~7", "never~", "~7", "x" * 9_000]
)
def test_text_that_is_no_place_is_refused(text: str) -> None:
    with pytest.raises(InvalidArgumentError, match="^`after` takes "):
        Place.read(text)


def test_none_is_the_beginning() -> None:
    assert Place.read(None) is None
    assert str(Place(None, 7)) == "never~7"
    assert str(Place(NOW, 7)) == "2026-03-06T16:12:00Z~7"
