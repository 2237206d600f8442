"""`list_sms_changes` where clocks and seconds are what they are: nothing may fall between two calls."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from convirza_mcp import ConvirzaClient, Settings
from convirza_mcp.accounts.account import open_account
from convirza_mcp.server.build import call_tool
from convirza_mcp.tools.list_sms_changes import TOOL
from support.calls import answer_of
from support.convirza import Convirza
from support.logins import Clock
from support.rows import answering, row

BEGAN = datetime(2026, 3, 6, 16, 12, tzinfo=UTC)
SETTINGS = Settings(token="CNVZ-AT-7f3e9d")


def live(
    changes: list[tuple[float, int]],
    clock: Clock,
    *,
    whole_seconds: bool = True,
    behind: float = 0.0,
    timestamp: str | None = "its time",
    order_of_ties: Callable[[int, int], int] = lambda conversation_id, _: conversation_id,
) -> Convirza:
    """Conversations that change at given moments of Convirza's clock, which may run behind ours.

    Times are written to whole seconds or to milliseconds; of rows that are equally new the order is the smaller id
    last, or another one at each request.
    """
    inbox = Convirza()

    def let_time_pass(_: Any) -> None:
        its_time = clock.time - timedelta(seconds=behind)
        latest: dict[int, datetime] = {}
        for seconds, conversation_id in sorted(changes):
            moment = BEGAN + timedelta(seconds=seconds)
            if moment <= its_time:
                latest[conversation_id] = moment.replace(microsecond=0) if whole_seconds else moment
        places = sorted(latest.items(), key=lambda each: (each[1], order_of_ties(each[0], inbox.requests)))
        inbox.rows = [row(key, conversation_updated=moment.isoformat(), pin=False) for key, moment in reversed(places)]
        inbox.changed = {"timestamp": its_time.isoformat() if timestamp == "its time" else timestamp}

    inbox.before_answer = let_time_pass
    return inbox


async def found_by(inbox: Convirza, clock: Clock, **given: Any) -> dict[str, Any]:
    client = ConvirzaClient.from_settings(SETTINGS, transport=answering(inbox))
    async with open_account(client, SETTINGS, clock=clock.now) as account:
        return answer_of(await call_tool(TOOL, {"since": "1h"} | given, account.request()))


async def follow(inbox: Convirza, clock: Clock, *, calls_at: list[float], limit: int) -> list[list[int]]:
    """What calls at these seconds bring, each followed by more until there is no more."""
    brought: list[list[int]] = []
    since = (BEGAN - timedelta(hours=3)).isoformat()
    client = ConvirzaClient.from_settings(SETTINGS, transport=answering(inbox))
    async with open_account(client, SETTINGS, clock=clock.now) as account:
        for seconds in calls_at:
            clock.time = BEGAN + timedelta(seconds=seconds)
            more = True
            while more:
                given = {"since": since, "type": "allOpen", "limit": limit}
                found = answer_of(await call_tool(TOOL, given, account.request()))
                brought.append([each[0] for each in found["rows"]])
                since, more = found["cursor"], found["more"]
    return brought


@pytest.mark.parametrize("behind", [0.0, 0.9, 7_200.0])
async def test_a_second_that_is_not_over_may_bring_more(behind: float) -> None:
    clock = Clock(BEGAN)
    inbox = live([(0.1 - behind, 5), (0.5 - behind, 3)], clock, behind=behind)

    brought = await follow(inbox, clock, calls_at=[0.2, 0.7, 60], limit=50)

    assert brought == [[], [], [3, 5]]


SECONDS = st.floats(0, 20, allow_nan=False)


@given(
    changes=st.lists(st.tuples(SECONDS, st.integers(1, 12)), max_size=40),
    calls_at=st.lists(SECONDS, max_size=8).map(sorted),
    limit=st.integers(1, 7),
    whole_seconds=st.booleans(),
    behind=st.sampled_from([0.0, 0.9, 7_200.0]),
)
async def test_the_last_state_of_every_conversation_is_shown(
    changes: list[tuple[float, int]], calls_at: list[float], limit: int, whole_seconds: bool, behind: float
) -> None:
    changes = [(seconds - behind, conversation_id) for seconds, conversation_id in changes]
    clock = Clock(BEGAN)
    inbox = live(changes, clock, whole_seconds=whole_seconds, behind=behind)

    brought = await follow(inbox, clock, calls_at=[*calls_at, 60], limit=limit)

    shown = [each for page in brought for each in page]
    assert set(shown) == {each for _, each in changes}
    # Once for each change at most.
    for each in set(shown):
        assert shown.count(each) <= sum(conversation_id == each for _, conversation_id in changes)


@pytest.mark.parametrize("its_time", [None, "2026-01-20T12:34:56.789Z"])
async def test_without_its_time_and_when_that_is_days_behind_ours_is_believed(its_time: str | None) -> None:
    clock = Clock(BEGAN)
    # The second of the last one is not over.
    inbox = live([(-5, 5), (-200_000, 4), (0, 6)], clock, timestamp=its_time)

    assert [each[0] for each in (await found_by(inbox, clock))["rows"]] == [5]


@pytest.mark.parametrize("count", [150, 450])
async def test_rows_of_one_moment_in_another_order_at_each_request_are_not_lost_unsaid(count: int) -> None:
    clock = Clock(BEGAN)
    inbox = live(
        [(-60.0, each) for each in range(1, count + 1)],
        clock,
        order_of_ties=lambda conversation_id, request: hash((conversation_id * 7919 + request * 104_729) % 1_009),
    )

    found = await found_by(inbox, clock, type="allOpen", limit=200)

    if count < 200:
        assert [each[0] for each in found["rows"]] == list(range(1, count + 1))
    else:
        assert (found["rows"], found["coverage"]["complete"], found["more"]) == ([], False, True)


async def test_an_order_that_is_not_heeded_hides_nothing() -> None:
    clock = Clock(BEGAN)
    inbox = live([(-7_200.0 + each * 60, each) for each in range(1, 119)], clock)
    inbox.arrange = lambda rows, _: rows[::-1]
    inbox.largest_page = 50

    assert [each[0] for each in (await found_by(inbox, clock, limit=200))["rows"]] == list(range(61, 119))
