"""`list_sms_changes` where clocks and seconds are what they are: nothing may fall between two calls."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx2
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from convirza_mcp import ConvirzaClient, Settings
from convirza_mcp.accounts.account import open_account
from convirza_mcp.server.build import call_tool
from convirza_mcp.tools.list_sms_changes import TOOL
from support.rows import answering, row

BEGAN = datetime(2026, 3, 6, 16, 12, tzinfo=UTC)
SETTINGS = Settings(token="CNVZ-AT-7f3e9d")


class LiveInbox:
    """Conversations that change at given moments of Convirza's clock, which may run behind ours.

    Times are written to whole seconds or to milliseconds; of rows that are equally new the order is the smaller id
    first or last, or another one at each request.
    """

    def __init__(
        self,
        changes: list[tuple[float, int]],
        *,
        whole_seconds: bool,
        behind: float = 0.0,
        says_its_time: bool = True,
        order_of_ties: Callable[[int, int], int] = lambda conversation_id, _: conversation_id,
    ) -> None:
        self.changes = sorted(changes)
        self.our_clock = BEGAN
        self.asked = 0
        self._whole_seconds = whole_seconds
        self._behind = timedelta(seconds=behind)
        self._says_its_time = says_its_time
        self._order_of_ties = order_of_ties

    @property
    def its_clock(self) -> datetime:
        return self.our_clock - self._behind

    def rows(self) -> list[dict[str, Any]]:
        latest: dict[int, datetime] = {}
        for seconds, conversation_id in self.changes:
            moment = BEGAN + timedelta(seconds=seconds)
            if moment <= self.its_clock:
                latest[conversation_id] = moment.replace(microsecond=0) if self._whole_seconds else moment
        places = sorted(latest.items(), key=lambda each: (each[1], self._order_of_ties(each[0], self.asked)))
        return [row(key, conversation_updated=moment.isoformat(), pin=False) for key, moment in reversed(places)]

    def __call__(self, request: httpx2.Request) -> httpx2.Response:
        self.asked += 1
        asked = request.url.params
        rows = self.rows() if asked["type"] == "allOpen" else []
        offset, limit = int(asked["offset"]), int(asked["limit"])
        body: dict[str, Any] = {"data": {"total": len(rows), "conversation": rows[offset : offset + limit]}}
        if self._says_its_time:
            body["timestamp"] = self.its_clock.isoformat()
        return httpx2.Response(200, json=body)


async def follow(inbox: LiveInbox, *, calls_at: list[float], limit: int) -> list[list[int]]:
    """What calls at these seconds bring, each followed by more until there is no more."""
    brought: list[list[int]] = []
    since = (BEGAN - timedelta(hours=3)).isoformat()
    client = ConvirzaClient.from_settings(SETTINGS, transport=answering(inbox))
    async with open_account(client, SETTINGS, clock=lambda: inbox.our_clock) as account:
        for seconds in calls_at:
            inbox.our_clock = BEGAN + timedelta(seconds=seconds)
            more = True
            while more:
                result = await call_tool(TOOL, {"since": since, "type": "allOpen", "limit": limit}, account.request())
                found = result.structured_content
                assert found is not None, result.content
                brought.append([each[0] for each in found["rows"]])
                since, more = found["cursor"], found["more"]
    return brought


async def test_a_second_that_is_not_over_may_bring_more() -> None:
    inbox = LiveInbox([(0.1, 5), (0.5, 3)], whole_seconds=True)

    brought = await follow(inbox, calls_at=[0.2, 0.7, 60], limit=50)

    assert brought == [[], [], [3, 5]]


SECONDS = st.floats(0, 20, allow_nan=False)


@settings(deadline=None)
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
    inbox = LiveInbox(changes, whole_seconds=whole_seconds, behind=behind)

    brought = await follow(inbox, calls_at=[*calls_at, 60], limit=limit)

    shown = [each for page in brought for each in page]
    assert set(shown) == {each for _, each in changes}
    # Once for each change at most.
    for each in set(shown):
        assert shown.count(each) <= sum(conversation_id == each for _, conversation_id in changes)


async def test_without_its_time_ours_is_believed() -> None:
    inbox = LiveInbox([(-5, 5)], whole_seconds=True, says_its_time=False)

    assert await follow(inbox, calls_at=[0], limit=50) == [[5]]


async def test_a_time_that_is_days_behind_is_no_clock() -> None:
    inbox = LiveInbox([(-5, 5), (-200_000, 4)], whole_seconds=True, behind=2)
    stale = "2026-01-20T12:34:56.789Z"

    def api(request: httpx2.Request) -> httpx2.Response:
        body = inbox(request).read().decode().replace(inbox.its_clock.isoformat(), stale)
        return httpx2.Response(200, content=body, headers={"Content-Type": "application/json"})

    client = ConvirzaClient.from_settings(SETTINGS, transport=answering(api))
    async with open_account(client, SETTINGS, clock=lambda: inbox.our_clock) as account:
        result = await call_tool(TOOL, {"since": "1h"}, account.request())

    assert result.structured_content is not None
    assert [each[0] for each in result.structured_content["rows"]] == [5]


@pytest.mark.parametrize("count", [150, 450])
async def test_rows_of_one_moment_in_another_order_at_each_request_are_not_lost_unsaid(count: int) -> None:
    inbox = LiveInbox(
        [(-60.0, each) for each in range(1, count + 1)],
        whole_seconds=True,
        order_of_ties=lambda conversation_id, request: hash((conversation_id * 7919 + request * 104_729) % 1_009),
    )
    client = ConvirzaClient.from_settings(SETTINGS, transport=answering(inbox))
    async with open_account(client, SETTINGS, clock=lambda: inbox.our_clock) as account:
        result = await call_tool(TOOL, {"since": "1h", "type": "allOpen", "limit": 200}, account.request())

    found = result.structured_content
    assert found is not None
    if count < 200:
        assert [each[0] for each in found["rows"]] == list(range(1, count + 1))
    else:
        assert (found["rows"], found["coverage"]["complete"], found["more"]) == ([], False, True)


async def test_an_order_that_is_not_heeded_hides_nothing() -> None:
    inbox = LiveInbox([(-7_200.0 + each * 60, each) for each in range(1, 119)], whole_seconds=True)

    def oldest_first(request: httpx2.Request) -> httpx2.Response:
        asked = request.url.params
        rows = inbox.rows()[::-1] if asked["type"] == "allOpen" else []
        offset = int(asked["offset"])
        return httpx2.Response(200, json={"data": {"total": len(rows), "conversation": rows[offset : offset + 50]}})

    client = ConvirzaClient.from_settings(SETTINGS, transport=answering(oldest_first))
    async with open_account(client, SETTINGS, clock=lambda: inbox.our_clock) as account:
        result = await call_tool(TOOL, {"since": "1h", "limit": 200}, account.request())

    assert result.structured_content is not None
    assert [each[0] for each in result.structured_content["rows"]] == list(range(61, 119))
