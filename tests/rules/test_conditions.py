"""Conditions: each is what its figure counts, and what its group has; in any writing of a caller's."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any, get_args

import pytest
from hypothesis import given
from hypothesis import strategies as st

from convirza_mcp.api.models import Conversation
from convirza_mcp.clock.business_hours import ROUND_THE_CLOCK
from convirza_mcp.errors import InvalidArgumentError
from convirza_mcp.rules.by_time import ByTime
from convirza_mcp.rules.conditions import FIGURES, Only
from convirza_mcp.rules.grouping import GroupBy
from convirza_mcp.rules.summary import COUNTED, summarize
from convirza_mcp.rules.terms import Terms
from convirza_mcp.scan.results import Seen
from support.inboxes import INBOXES, LINES, MEMBERS, NOW, OPEN, ZONES, plain_group
from support.snapshots import Snapshot

TARGETS = st.sampled_from([1, 5, 15, 6_000])
BY_TIMES = st.sampled_from(get_args(ByTime))


def first_seconds(each: Conversation) -> int | None:
    if each.first_response_time is None:
        return None
    hours, minutes, seconds = map(int, each.first_response_time.split(":"))
    return hours * 3_600 + minutes * 60 + seconds


def is_unread(seen: Seen) -> bool:
    each = seen.conversation
    return (each.unread_count or 0) > 0 or (each.conversation_status or "").strip().lower() == "unread"


def plainly(name: str, seen: Seen, terms: Terms) -> bool:
    """Say anew what a figure's name means."""
    each, target = seen.conversation, terms.target_minutes * 60
    first = first_seconds(each)
    began = each.conversation_started or each.conversation_updated
    has_waited = began is not None and NOW - began > timedelta(minutes=terms.target_minutes)
    told: dict[str, Callable[[], bool]] = {
        "unread": lambda: is_unread(seen),
        "waiting": lambda: is_unread(seen) and not seen.closed,
        "answered": lambda: first is not None,
        "never_answered": lambda: first is None,
        "first_within_target": lambda: first is not None and first <= target,
        "late": lambda: first is not None and first > target,
        "missed_target": lambda: has_waited if first is None else first > target,
        "pinned": lambda: each.pin is True,
        "unassigned": lambda: not seen.closed and not (each.agent or "").replace("\u200b", "").strip(),
        "closed": lambda: seen.closed,
        "asked_to_stop": lambda: each.message == "STOP",
        "read_but_incoming": lambda: not seen.closed and not is_unread(seen) and each.sms_type == "incoming",
        "outside_hours": lambda: (
            terms.time_of(each) is not None
            and plain_group("business_hours", timed(each, terms), terms.zone) == "2 outside"
        ),
    }
    return told[name]()


def timed(each: Conversation, terms: Terms) -> Conversation:
    """Return a conversation whose latest message is at the time that counts: the plain groups go by that one."""
    return Conversation(conversation_id=1, conversation_updated=terms.time_of(each))


@given(INBOXES, ZONES, TARGETS, BY_TIMES)
def test_every_condition_keeps_what_its_name_says(seen: list[Seen], zone: Any, target: int, by_time: ByTime) -> None:
    terms = Terms(zone=zone, hours=OPEN, now=NOW, target_minutes=target, by_time=by_time)

    for name, condition in FIGURES.items():
        holds = condition(terms)
        assert [each for each in seen if holds(each)] == [each for each in seen if plainly(name, each, terms)], name


@given(INBOXES, ZONES, TARGETS, BY_TIMES)
def test_a_figure_is_as_many_as_its_condition_keeps(seen: list[Seen], zone: Any, target: int, by_time: ByTime) -> None:
    terms = Terms(zone=zone, hours=OPEN, now=NOW, target_minutes=target, by_time=by_time)

    total = summarize(seen, by="none", terms=terms, wait=lambda _: 0.0).total

    for name in COUNTED:
        kept = [each for each in seen if FIGURES[name](terms)(each)]
        assert getattr(total, name) == (len(kept) if name != "outside_hours" or by_time == "started" else 0), name
    assert total.first_response.count == len([each for each in seen if FIGURES["answered"](terms)(each)])
    in_time = [each for each in seen if FIGURES["first_within_target"](terms)(each)]
    assert total.first_response.within_target == len(in_time)


@given(INBOXES, st.sampled_from(get_args(GroupBy)[1:]), ZONES, BY_TIMES, st.booleans())
def test_a_group_is_as_many_as_its_condition_keeps(
    seen: list[Seen], by: GroupBy, zone: Any, by_time: ByTime, quoted: bool
) -> None:
    terms = Terms(zone=zone, hours=OPEN, now=NOW, by_time=by_time, members=MEMBERS, lines=LINES)

    for group, tally in summarize(seen, by=by, terms=terms, wait=lambda _: 0.0).groups:
        value = f'"{group.label}"' if quoted else group.label.upper()
        holds = Only.read(f"{by}={value}", OPEN).holding(terms)
        assert len([each for each in seen if holds(each)]) == tally.conversations, group


def kept(only: str, *conversations: Conversation, **terms: Any) -> list[int]:
    holds = Only.read(only, OPEN).holding(Terms(now=NOW, hours=OPEN, members=MEMBERS, **terms))
    return [place for place, each in enumerate(conversations) if holds(Seen(each, closed=False))]


LATE_FRIDAY = datetime(2026, 3, 6, 23, 30, tzinfo=UTC)


@pytest.mark.parametrize(
    "only",
    [
        "unread",
        " Unread , ",
        "never-answered,unread",
        "never answered",
        "agent=Lopez\u00a0Maria",
        'agent="lopez  María"',
        'agent = "Lopez Maria" , unread',
        "agent=“Lopez Maria”",
        "agent=Lopez Ma…",
        "team=Sales,parent_group=west",
        "phone_number=+1 (801) 555-0101",
        "weekday=friday",
        "weekday=FRI",
        "hour=23",
        "hour=23:00",
        "day=2026-03-06",
        "week=2026-03-08",
        "month=2026-03",
        "business_hours=outside,outside_hours",
        "status=none",
        'status="No Status"',
    ],
)
def test_a_condition_may_be_written_in_many_ways(only: str) -> None:
    meant = Conversation(
        conversation_id=1,
        agent="Lopez Maria",
        phone_number="18015550101",
        ct_user_id=1,
        unread_count=1,
        conversation_updated=LATE_FRIDAY,
    )
    other = Conversation(
        conversation_id=2,
        agent="Lopez Ana",
        phone_number="18015550102",
        conversation_status="read",
        ct_user_id=3,
        first_response_time="00:01:00",
        conversation_updated=LATE_FRIDAY - timedelta(days=37, hours=8),
    )

    assert kept(only, meant, other) == [0]


def test_a_value_with_a_comma_or_a_quote_stands_in_quotes() -> None:
    comma = Conversation(conversation_id=1, agent="Lopez, Maria")
    quote = Conversation(conversation_id=2, agent='Bob "Bo", Jr.')

    assert kept('agent="Lopez, Maria"', comma, quote) == [0]
    assert kept('agent="Bob ""Bo"", Jr."', comma, quote) == [1]


@pytest.mark.parametrize("name", ["“Quo” Ted", "Smith, “Bob”", "Ted „Bo“", "”"])
def test_a_name_with_curly_quotes_is_a_value(name: str) -> None:
    meant, other = (Conversation(conversation_id=each, agent=each * name or "Ann") for each in (1, 0))

    assert kept(f'agent="{name}"', meant, other) == [0]


@pytest.mark.parametrize("by", ["agent", "status"])
def test_a_text_that_reads_like_the_missing_group_counts_and_is_listed_with_it(by: GroupBy) -> None:
    field = {"agent": "agent", "status": "conversation_status"}[by]
    texts = (None, "None", f"No {by}", "Bo")
    rows: list[dict[str, Any]] = [{"conversation_id": 1, field: text} for text in texts]
    seen = [Seen(Conversation(**row), closed=False) for row in rows]
    terms = Terms(now=NOW)

    groups = summarize(seen, by=by, terms=terms, wait=lambda _: 0.0).groups

    assert [(group.label, figures.conversations) for group, figures in groups] == [(f"no {by}", 3), ("Bo", 1)]
    assert len([each for each in seen if Only.read(f"{by}=none", OPEN).holding(terms)(each)]) == 3


@pytest.mark.parametrize(
    "only",
    [
        *(",", "frob", "unread=1", "agent", "agent=", 'agent=""', 'agent="x', "agent=x=y, =", "late;unread", "x" * 255),
        *("weekday=Mo", "weekday=Someday", "hour=24", "hour=2.5", "day=6", "day=2026-02-30", "month=2026-13"),
        *("week=10", "business_hours=open"),
    ],
)
def test_what_no_condition_can_be_is_one_sentence(only: str, snapshot: Snapshot) -> None:
    with pytest.raises(InvalidArgumentError) as raised:
        Only.read(only, OPEN)

    assert raised.value.argument == "only"
    assert len(str(raised.value)) < 300
    snapshot(str(raised.value))


def test_business_hours_and_messages_are_needed_where_a_condition_is_about_them(snapshot: Snapshot) -> None:
    for only, hours, has_messages in (
        ("outside_hours", ROUND_THE_CLOCK, True),
        ("business_hours=inside", ROUND_THE_CLOCK, True),
        ("asked_to_stop", OPEN, False),
    ):
        with pytest.raises(InvalidArgumentError) as raised:
            Only.read(only, hours, has_messages=has_messages)
        snapshot(str(raised.value))


def test_the_names_of_conditions_hold_nothing_that_a_stranger_typed() -> None:
    only = Only.read('agent="Zyxwv, Qanary", unread, agent=Bo', OPEN)

    assert str(only) == "agent, unread"
