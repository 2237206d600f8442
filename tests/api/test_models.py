from datetime import UTC, datetime
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from convirza_mcp import ConversationQuery
from convirza_mcp.errors import InvalidArgumentError
from support.snapshots import Snapshot


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
    "given",
    [
        {"offset": -1},
        {"offset": True},
        {"offset": 10**9 + 1},
        {"limit": 0},
        {"limit": 201},
        {"limit": 7.0},
        {"limit": True},
        {"type": "closed"},
        {"order": "newest"},
        {"search": ""},
        {"search": "x" * 256},
        {"search": "\ud800"},
        {"start": datetime(2026, 1, 1)},
        {"end": datetime(2026, 1, 1)},
        {"start": datetime(2026, 1, 1, tzinfo=UTC), "end": datetime(2026, 1, 1, tzinfo=UTC)},
    ],
)
def test_what_lies_outside_the_bounds_is_refused(given: dict[str, Any], snapshot: Snapshot) -> None:
    with pytest.raises(InvalidArgumentError) as caught:
        ConversationQuery(**given)

    assert caught.value.argument in given
    snapshot(caught.value)
    assert caught.value.argument == list(given)[-1]
