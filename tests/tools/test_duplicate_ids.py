"""A conversation that comes twice, on one page or on two: listed as it came, and counted once."""

from typing import Any

import httpx2
import pytest

from convirza_mcp.tools import all_tools
from support.calls import calls_of
from support.rows import answering, envelope, row

WINDOW = {"start": "2026-03-01", "end": "2026-03-06"}
# Two pages, and the last row of the first one stands at the head of the second again.
IDS = [*range(200), *range(199, 260)]
TWICE = [1, 2, 1, 2]


@pytest.fixture(params=[TWICE, IDS], ids=["on one page", "on two pages"])
def ids(request: pytest.FixtureRequest) -> list[int]:
    return list(request.param)


async def ask(ids: list[int], name: str, **given: Any) -> dict[str, Any]:
    rows = [row(each, message="please call") for each in ids]

    def api(request: httpx2.Request) -> httpx2.Response:
        asked = request.url.params
        view = [] if asked["type"] == "close" else rows if asked["order"] == "desc" else rows[::-1]
        offset = int(asked["offset"])
        return httpx2.Response(200, json=envelope(view[offset : offset + int(asked["limit"])], total=len(view)))

    _, answer = calls_of(next(tool for tool in all_tools() if tool.name == name))
    return await answer(given, answering(api))


async def test_the_list_shows_what_the_api_lists(ids: list[int]) -> None:
    listed = await ask(ids, "list_sms_conversations", limit=200, **WINDOW)

    assert [cells[0] for cells in listed["rows"]] == ids[:200]


async def test_whole_inbox_answers_count_it_once_and_do_not_call_themselves_complete(ids: list[int]) -> None:
    once = len(set(ids))
    summary = await ask(ids, "summarize_sms_inbox", **WINDOW)
    waiting = await ask(ids, "list_waiting_sms_conversations", limit=100, **WINDOW)
    found = await ask(ids, "search_sms_messages", query="call", limit=100, **WINDOW)

    assert (summary["conversations"], waiting["waiting"], found["matches"]) == (once, once, once)
    for answer in (waiting, found):
        shown = [cells[0] for cells in answer["rows"]]
        assert len(shown) == len(set(shown)) == min(once, 100)
    for answer in (summary, waiting, found):
        assert (answer["coverage"]["complete"], answer["coverage"]["read"]) == (False, once)


async def test_a_doubled_conversation_opens_as_one(ids: list[int]) -> None:
    opened = await ask(ids, "get_sms_conversation", conversation_id=2, **WINDOW)

    assert opened["conversation"]["conversation_id"] == 2
    assert 2 not in [cells[0] for cells in opened["rows"]]
