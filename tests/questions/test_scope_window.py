"""One question is about one window, whichever of its views come from memory."""

from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from typing import Any

import anyio
from hypothesis import given
from hypothesis import strategies as st

from convirza_mcp import ConvirzaClient, Settings
from convirza_mcp.accounts.account import open_account
from convirza_mcp.api.models import AnyView
from convirza_mcp.questions.scope import Selection, read_window, select
from convirza_mcp.sandbox import Sandbox

NOW = datetime(2026, 3, 6, 16, 12, tzinfo=UTC)


SANDBOX = {"conversations": 450, "now": NOW}


class Asking:
    """Ask questions of one account, at times of the test's own."""

    def __init__(self, sandbox: Sandbox, account: Any) -> None:
        self.sandbox = sandbox
        self.account = account
        self.now = NOW

    async def select(self, view: AnyView, now: datetime) -> Selection:
        self.now = now
        request = self.account.request()
        return await select(request, view, read_window(request, "3d", None), {})

    def listed(self, view: Any, found: Selection) -> set[int]:
        rows = self.sandbox.ask(type=view, start=found.window.start, end=found.window.end).rows
        return {each["conversation_id"] for each in rows}


@asynccontextmanager
async def asking(sandbox: Sandbox) -> Any:
    settings = Settings(token=sandbox.token, base_url=sandbox.base_url)
    asked = Asking(sandbox, None)
    async with open_account(ConvirzaClient.from_settings(settings), settings, clock=lambda: asked.now) as account:
        asked.account = account
        yield asked


async def test_a_row_that_was_closed_since_one_view_was_read_is_not_missed(sandbox: Sandbox) -> None:
    start = NOW - timedelta(days=1)
    closed = datetime.fromisoformat(sandbox.ask(type="close", start=start, end=NOW).rows[-1]["conversation_updated"])
    async with asking(sandbox) as asked:
        before = await asked.select("close", closed - timedelta(seconds=5))
        both = await asked.select("all", closed + timedelta(seconds=5))

    assert both.coverage.complete
    assert (both.window.start, both.window.end) == (before.window.start, before.window.end)
    found = {each.conversation.conversation_id for each in both.seen}
    assert found == asked.listed("allOpen", both) | asked.listed("close", both)


QUESTIONS = st.lists(
    st.tuples(
        st.sampled_from(["allOpen", "close", "all"]), st.integers(0, 20_000).map(lambda each: timedelta(0, each))
    ),
    min_size=1,
    max_size=6,
)


@given(questions=QUESTIONS)
def test_every_answer_holds_what_its_window_says(sandbox: Sandbox, questions: list[tuple[AnyView, timedelta]]) -> None:
    async def ask_all() -> None:
        now = NOW - timedelta(days=2)
        async with asking(sandbox) as asked:
            for view, later in questions:
                now += later
                found = await asked.select(view, now)
                views = ("allOpen", "close") if view == "all" else (view,)
                assert found.coverage.complete
                assert {each.conversation.conversation_id for each in found.seen} == set().union(
                    *(asked.listed(each, found) for each in views)
                )
                before = len(sandbox.requests)
                again = await asked.select(view, now)
                assert (again.window, len(sandbox.requests)) == (found.window, before)

    anyio.run(ask_all)
