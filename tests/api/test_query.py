from datetime import UTC, datetime
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from convirza_mcp import ConversationQuery
from convirza_mcp.errors import InvalidArgumentError


def test_the_defaults_are_the_api_s() -> None:
    assert ConversationQuery().parameters() == {"offset": "0", "limit": "7", "type": "allOpen", "order": "desc"}


def test_every_parameter_is_sent_as_documented() -> None:
    query = ConversationQuery(
        offset=14,
        limit=200,
        type="close",
        search="Ana & co",
        order="asc",
        start=datetime(2026, 3, 5, 3, 30, 0, 999, tzinfo=ZoneInfo("America/Denver")),
        end=datetime(2026, 3, 6, tzinfo=UTC),
    )

    assert query.parameters() == {
        "offset": "14",
        "limit": "200",
        "type": "close",
        "order": "asc",
        "search": "Ana & co",
        "start": "2026-03-05T10:30:00Z",
        "end": "2026-03-06T00:00:00Z",
    }


@pytest.mark.parametrize(
    ("given", "sentence"),
    [
        ({"offset": -1}, "`offset` takes a whole number from 0 to 1000000000."),
        ({"offset": True}, "`offset` takes a whole number from 0 to 1000000000."),
        ({"offset": 10**9 + 1}, "`offset` takes a whole number from 0 to 1000000000."),
        ({"limit": 0}, "`limit` takes a whole number from 1 to 200."),
        ({"limit": 201}, "`limit` takes a whole number from 1 to 200."),
        ({"limit": 7.0}, "`limit` takes a whole number from 1 to 200."),
        ({"limit": True}, "`limit` takes a whole number from 1 to 200."),
        ({"type": "closed"}, "`type` takes one of allOpen, assignedToYou, unassigned, close."),
        ({"order": "newest"}, "`order` takes desc or asc."),
        ({"search": ""}, "`search` takes text of 1 to 255 characters."),
        ({"search": "x" * 256}, "`search` takes text of 1 to 255 characters."),
        ({"search": "\ud800"}, "`search` takes text of 1 to 255 characters."),
        ({"start": datetime(2026, 1, 1)}, "`start` takes a date-time with its zone."),
        ({"end": datetime(2026, 1, 1)}, "`end` takes a date-time with its zone."),
        (
            {"start": datetime(2026, 1, 1, tzinfo=UTC), "end": datetime(2026, 1, 1, tzinfo=UTC)},
            "`end` takes a time after `start`.",
        ),
    ],
)
def test_what_lies_outside_the_bounds_is_refused(given: dict[str, Any], sentence: str) -> None:
    with pytest.raises(InvalidArgumentError) as caught:
        ConversationQuery(**given)

    assert str(caught.value) == sentence
    assert caught.value.argument == list(given)[-1]
