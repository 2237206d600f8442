"""Two periods beside each other: each group has its own figures in both, whatever lacks in one."""

from collections import Counter
from datetime import UTC, timedelta
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from convirza_mcp.clock.window import Window
from convirza_mcp.questions.figures import groups_of
from convirza_mcp.questions.filters import in_window
from convirza_mcp.rules.by_time import TIME_FIELDS, ByTime
from convirza_mcp.rules.grouping import COLUMNS, GroupBy
from convirza_mcp.rules.summary import summarize
from convirza_mcp.rules.terms import Terms
from convirza_mcp.scan.results import Seen
from support.inboxes import INBOXES, MEMBERS, MOMENTS, NOW, OPEN, ZONES, plain_group

BY = st.sampled_from(["agent", "phone_number", "team", "weekday", "hour", "day", "business_hours"])


@given(INBOXES, INBOXES, BY, ZONES)
def test_each_group_stands_beside_itself(now: list[Seen], before: list[Seen], by: GroupBy, zone: Any) -> None:
    terms = Terms(zone=zone, hours=OPEN, now=NOW, members=MEMBERS)

    lines = groups_of(*(summarize(each, by=by, terms=terms, wait=lambda _: 0.0) for each in (now, before)), by)

    plain = [Counter(plain_group(by, each.conversation, zone) for each in seen) for seen in (now, before)]
    found = [(line.figures.conversations, 0 if line.before is None else line.before.conversations) for line in lines]
    assert sorted(found) == sorted((plain[0][name], plain[1][name]) for name in plain[0] | plain[1])
    if COLUMNS[by].is_time:
        assert [line.group for line in lines] == sorted(line.group for line in lines)
    else:
        assert found == sorted(found, reverse=True)


@given(INBOXES, MOMENTS, st.integers(0, 10**6), st.sampled_from(["started", "closed", "latest"]))
def test_the_last_second_of_a_window_belongs_to_it(seen: list[Seen], start: Any, seconds: int, by_time: ByTime) -> None:
    start = start.replace(microsecond=0)
    window = Window(start=start, end=start + timedelta(seconds=seconds), zone=UTC)

    is_in = in_window(window, Terms(now=NOW, by_time=by_time))

    for each in seen:
        moment = getattr(each.conversation, TIME_FIELDS[by_time])
        in_seconds = moment is not None and window.start <= moment.replace(microsecond=0) <= window.end
        assert is_in(each) is in_seconds
