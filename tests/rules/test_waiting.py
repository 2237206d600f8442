from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from convirza_mcp.api.models import Conversation
from convirza_mcp.clock.business_hours import ROUND_THE_CLOCK, BusinessHours
from convirza_mcp.rules.waiting import WaitClock, Waiting, is_unread, waiting_list
from convirza_mcp.scan.results import Seen

NOW = datetime(2026, 3, 9, 16, tzinfo=UTC)
OFFICE = BusinessHours.parse("Mon-Fri 08:00-18:00")
CLOCK = WaitClock(ROUND_THE_CLOCK, UTC, NOW)


def conversation(conversation_id: int = 1, **fields: Any) -> Conversation:
    return Conversation(conversation_id=conversation_id, **fields)


def ranked(*conversations: Conversation, clock: WaitClock = CLOCK) -> list[tuple[int, float | None]]:
    found = waiting_list([Seen(each, closed=False) for each in conversations], clock.seconds_since)
    return [(each.conversation.conversation_id, each.seconds) for each in found.ranked]


@pytest.mark.parametrize(
    ("fields", "waits"),
    [
        ({"unread_count": 1}, True),
        ({"unread_count": 3, "conversation_status": "read"}, True),
        ({"unread_count": 0, "conversation_status": "unread"}, True),
        ({"conversation_status": " UnRead "}, True),
        ({"unread_count": 0}, False),
        ({"conversation_status": "read"}, False),
        ({"conversation_status": "unreadable"}, False),
        ({"sms_type": "incoming"}, False),
        ({}, False),
    ],
)
def test_unread_conversations_wait(fields: dict[str, Any], waits: bool) -> None:
    assert is_unread(conversation(**fields)) is waits
    assert bool(ranked(conversation(**fields))) is waits
    assert waiting_list([Seen(conversation(**fields), closed=True)], CLOCK.seconds_since).ranked == []


def test_the_longest_wait_is_first_and_ties_go_by_message_then_id() -> None:
    found = ranked(
        conversation(9, unread_count=1),
        conversation(8, unread_count=1),
        conversation(7, unread_count=1, conversation_updated=NOW + timedelta(minutes=5)),
        conversation(6, unread_count=1, conversation_updated=NOW - timedelta(hours=1)),
        conversation(5, unread_count=1, conversation_updated=NOW - timedelta(hours=1)),
        conversation(4, unread_count=1, conversation_updated=NOW + timedelta(minutes=2)),
        conversation(3, unread_count=1, conversation_updated=NOW - timedelta(days=2)),
    )

    assert found == [(3, 172_800), (5, 3_600), (6, 3_600), (4, 0), (7, 0), (8, None), (9, None)]


def test_a_wait_does_not_grow_outside_business_hours() -> None:
    denver = ZoneInfo("America/Denver")
    # Monday 10:00; the night of Saturday lost an hour. All but the last wrote while it was closed.
    found = ranked(
        conversation(1, unread_count=1, conversation_updated=datetime(2026, 3, 8, 12, tzinfo=denver)),
        conversation(2, unread_count=1, conversation_updated=datetime(2026, 3, 7, 12, tzinfo=denver)),
        conversation(3, unread_count=1, conversation_updated=datetime(2026, 3, 9, 8, 30, tzinfo=denver)),
        clock=WaitClock(OFFICE, denver, NOW),
    )

    assert found == [(2, 7_200), (1, 7_200), (3, 5_400)]


def test_what_is_read_but_incoming_is_counted_apart() -> None:
    open_ones = [
        {"unread_count": 0, "sms_type": "incoming"},
        {"unread_count": 0, "sms_type": "Incoming"},
        {"unread_count": 0, "sms_type": "outgoing"},
        {"unread_count": 1, "sms_type": "incoming"},
        {"unread_count": 0},
    ]
    seen = [Seen(conversation(number, **fields), closed=False) for number, fields in enumerate(open_ones)]
    seen.append(Seen(conversation(9, unread_count=0, sms_type="incoming"), closed=True))

    found = waiting_list(seen, CLOCK.seconds_since)

    assert (found.read_but_incoming, len(found.ranked), found.unknown_waits) == (2, 1, 1)


moments = st.none() | st.datetimes(datetime(2026, 2, 1), datetime(2026, 3, 15), timezones=st.just(UTC))
conversations = st.lists(
    st.builds(
        Conversation,
        conversation_id=st.integers(0, 10**6),
        unread_count=st.none() | st.integers(0, 3),
        conversation_status=st.sampled_from([None, "read", "unread", "UNREAD"]),
        sms_type=st.sampled_from([None, "incoming", "outgoing"]),
        conversation_updated=moments,
    ),
    unique_by=lambda each: each.conversation_id,
)


@given(conversations=conversations, hours=st.sampled_from([ROUND_THE_CLOCK, OFFICE]), order=st.randoms())
def test_the_rank_depends_on_the_conversations_only(
    conversations: list[Conversation], hours: BusinessHours, order: Any
) -> None:
    clock = WaitClock(hours, ZoneInfo("America/Denver"), NOW)
    # The clock never runs backwards, so who wrote first has waited longest, and ties are told apart as agreed.
    expected = sorted(
        (each for each in conversations if each.unread_count or (each.conversation_status or "").lower() == "unread"),
        key=lambda each: (each.conversation_updated or datetime.max.replace(tzinfo=UTC), each.conversation_id),
    )
    seen = [Seen(each, closed=False) for each in conversations]
    order.shuffle(seen)

    found = waiting_list(seen, clock.seconds_since)

    assert [each.conversation for each in found.ranked] == expected
    waits = [each.seconds for each in found.ranked if each.seconds is not None]
    assert waits == sorted(waits, reverse=True)
    assert found.unknown_waits == sum(each.conversation_updated is None for each in expected)


def test_an_unknown_wait_is_neither_long_nor_late() -> None:
    unknown = Waiting(conversation(), None)

    assert [unknown.is_at_least(0), unknown.is_at_least(60), unknown.is_longer_than(0)] == [True, False, False]


def test_a_wait_at_the_bound_is_long_enough_and_not_longer() -> None:
    waiting = Waiting(conversation(), 60.0)

    assert [waiting.is_at_least(60), waiting.is_longer_than(60), waiting.is_longer_than(59)] == [True, False, True]


@pytest.mark.parametrize(
    ("fields", "said"),
    [
        ({"unread_count": 2, "agent": "Ana", "first_response_time": "0:01:00"}, "2 unread"),
        ({"unread_count": 0, "agent": "Ana", "first_response_time": "0:01:00"}, "marked unread"),
        ({"unread_count": 1, "agent": " \u200b", "first_response_time": "0:01:00"}, "1 unread, no agent"),
        ({"unread_count": 1, "agent": "Ana"}, "1 unread, never answered"),
        ({"message": "Stop."}, "marked unread, no agent, never answered, asked to stop"),
        ({"message": "Not me. Stop texting me"}, "marked unread, no agent, never answered, may have asked to stop"),
        ({"message": "Liked “Reply STOP to end”"}, "marked unread, no agent, never answered, only a reaction"),
    ],
)
def test_the_reasons_in_words(fields: dict[str, Any], said: str) -> None:
    assert ", ".join(Waiting(conversation(**fields), None).reasons) == said
