"""Agents and lines named as people say them, in every question that takes them, and in every privacy mode."""

from collections.abc import AsyncIterator
from datetime import timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from convirza_mcp.answers.answer import UNTRUSTED
from convirza_mcp.answers.records import COMPACT_COLUMNS
from convirza_mcp.api.models import Conversation
from convirza_mcp.questions.scope import narrow
from convirza_mcp.sandbox import Sandbox
from convirza_mcp.scan.results import Seen
from support.calls import NOW, Asking, answer_of, asking, paged, text_of
from support.rows import row

QUESTIONS: dict[str, dict[str, Any]] = {
    "search_sms_messages": {"query": "you", "limit": 100},
    "list_waiting_sms_conversations": {"limit": 100},
    "summarize_sms_inbox": {"group_by": "agent"},
    "list_sms_changes": {"since": "3d", "limit": 200},
}


SANDBOX = {"now": NOW}


@pytest.fixture(params=["off", "mask", "strict"])
async def account(sandbox: Sandbox, request: pytest.FixtureRequest) -> AsyncIterator[Asking]:
    async with asking(sandbox, privacy=request.param) as ask:
        yield ask


async def ask(account: Asking, tool: str, **given: Any) -> tuple[dict[str, Any], str]:
    result = await account.call(tool, **QUESTIONS[tool] | given)
    return answer_of(result), text_of(result)


@pytest.mark.parametrize("tool", QUESTIONS)
async def test_a_part_of_a_name_is_the_whole_name(account: Asking, tool: str) -> None:
    said, _ = await ask(account, tool, agent="LOPEZ", phone_number="0101")
    whole, text = await ask(account, tool, agent="Maria Lopez", phone_number="+1 (801) 555-0101")

    assert said["narrowed_by"] == {"agent": "Maria Lopez", "phone_number": "18015550101"}
    assert said == whole
    # What strangers typed stands below the line that says so.
    assert text.index(UNTRUSTED) < text.index('"narrowed_by"')
    if tool != "summarize_sms_inbox":
        place = (COMPACT_COLUMNS if "waiting" not in tool else tuple(said["columns"])).index("agent")
        assert {row[place] for row in said["rows"]} <= {"Maria Lopez"}


@pytest.mark.parametrize("tool", QUESTIONS)
async def test_several_that_fit_are_listed_and_no_row_is_shown(account: Asking, tool: str) -> None:
    found, text = await ask(account, tool, phone_number="801")

    assert found["rows"] == []
    assert found["matches"] == ["18015550101", "18015550102"]
    assert "2 lines fit the phone_number given" in found["note"]
    assert text.index(UNTRUSTED) < text.index('"note"') < text.index('"matches"') < text.index('"columns"')
    # Nothing was counted, so no count is said.
    assert not found.keys() & {"conversations", "waiting", "changes", "first_response"}
    again, _ = await ask(account, tool, phone_number=found["matches"][1])
    assert again["narrowed_by"] == {"phone_number": "18015550102"}


@pytest.mark.parametrize("tool", QUESTIONS)
async def test_where_none_fits_the_names_are_listed(account: Asking, sandbox: Sandbox, tool: str) -> None:
    found, text = await ask(account, tool, agent="Zyxwv Qanary")

    start = NOW - timedelta(days=3 if tool == "list_sms_changes" else 30)
    views: tuple[Any, ...] = ("allOpen",) if "waiting" in tool else ("allOpen", "close")
    rows = [each for view in views for each in sandbox.ask(type=view, start=start, end=NOW).rows]
    names = sorted({each["agent"] for each in rows if each["agent"]}, key=str.casefold)
    assert found["rows"] == []
    assert f" {', '.join(names)}." in found["note"]
    assert "Qanary" not in text
    assert "narrowed_by" not in found


@pytest.mark.parametrize("said", ["none", "Unassigned", "no  agent"])
async def test_unassigned_is_named_as_answers_name_it(said: str) -> None:
    rows = paged([row(1, agent=None), row(2, agent="Ann Lee")])
    async with asking(rows) as account:
        found = await account("waiting", agent=said)
        assert (found["narrowed_by"], [each[0] for each in found["rows"]]) == ({"agent": "none"}, [1])


@pytest.mark.parametrize("sent", ["Pat O&amp;#39;Brien", "AT&amp;amp;T", "AT&amp;T"])
async def test_a_label_with_an_entity_that_is_left_is_found_as_it_is_shown(sent: str) -> None:
    async with asking(paged([row(1, agent=sent), row(2, agent="Zoe")])) as account:
        (label, *_), _ = (await account("summarize", group_by="agent"))["rows"]
        listed = await account("search", only=f'agent="{label}"')
        after = await account("summarize", group_by="agent", after=label)
    assert (listed["matches"], [each[0] for each in after["rows"]]) == (1, ["Zoe"])


async def test_an_agent_of_that_name_comes_first() -> None:
    async with asking(paged([row(1, agent=None), row(2, agent="Unassigned leads")])) as account:
        found = await account("waiting", agent="unassigned")
        assert (found["narrowed_by"], [each[0] for each in found["rows"]]) == ({"agent": "Unassigned leads"}, [2])


async def test_a_follow_up_about_one_of_them_makes_no_request(account: Asking, sandbox: Sandbox) -> None:
    for tool in ("summarize_sms_inbox", "search_sms_messages"):
        await ask(account, tool, agent="a")
        before = len(sandbox.requests)
        found, _ = await ask(account, tool, agent="Amara")
        assert (found["narrowed_by"], len(sandbox.requests)) == ({"agent": "Amara Okafor"}, before)


@given(agents=st.lists(st.sampled_from([f"Ann {each}" for each in range(30)]), max_size=40))
def test_ten_of_many_are_listed(agents: list[str]) -> None:
    rows = [Seen(Conversation(conversation_id=place, agent=agent), False) for place, agent in enumerate(agents)]
    names = sorted(set(agents))

    kept, narrowing = narrow(rows, {"agent": lambda: names, "phone_number": list}, {}, {"agent": "ann"})

    assert kept == (rows if len(names) == 1 else [])
    assert narrowing.matches == (() if len(names) < 2 else tuple(names[:10]))
    assert narrowing.by == ({"agent": names[0]} if len(names) == 1 else {})
    assert narrowing.unmatched == (len(names) > 1)


@pytest.mark.parametrize("tool", QUESTIONS)
async def test_an_alias_for_a_line_is_a_whole_value(tool: str) -> None:
    """A privacy mode shows an alias where a line is the contact's own number."""

    own = {"source": "18015551234", "phone_number": "+1 801 555 1234", "conversation_updated": "2026-03-06T10:00:00Z"}
    async with asking(paged([row(1, message="for you", **own), row(2)]), privacy="mask") as account:
        rows = (await account("list", detail="full"))["rows"]
        [alias] = [each[1] for each in rows if each[0] == 1]
        found, text = await ask(account, tool, phone_number=alias.upper())

    assert alias.startswith("contact-")
    assert found["narrowed_by"] == {"phone_number": alias}
    assert found["coverage"]["complete"]
    assert "5551234" not in text
    if tool == "summarize_sms_inbox":
        assert found["conversations"] == 1
    else:
        assert [each[0] for each in found["rows"]] == [1]
