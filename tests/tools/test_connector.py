"""`search` and `fetch`, the tools that ChatGPT's connectors take."""

import json
import re
from dataclasses import replace
from datetime import timedelta
from typing import Any

import httpx2
import pytest

from convirza_mcp.accounts.account import open_account
from convirza_mcp.answers.records import FULL_COLUMNS
from convirza_mcp.api.client import ConvirzaClient
from convirza_mcp.sandbox import Sandbox
from convirza_mcp.server.build import call_tool, definition
from convirza_mcp.text.tokens import estimate_tokens
from convirza_mcp.tools import CONNECTOR_TOOL_NAMES, fetch, search, tool_named
from faults import FaultServer
from hostile.dirty_rows import dirty_and_clean, pages_of
from hostile.leaves import assert_clean
from support.calls import NOW, SETTINGS, answer_of, calls_of, paged, reaching, text_of
from support.convirza import Convirza
from support.people import NAME, TOKEN, served, traces_in
from support.rows import answering, envelope, row
from support.snapshots import Snapshot

call, answer = calls_of(search.TOOL)
open_, opened = calls_of(fetch.TOOL)

ROWS = [
    row(1, source_name="Ann Lee", message="I want a refund", closed_at=None),
    row(2, source_name=None, message="refund,\nplease", conversation_updated="2026-03-04T09:00:00.000Z"),
    row(3, source_name="Bo Ray", message="Hello"),
]


async def test_results_are_in_the_shape_that_connectors_take() -> None:
    found = await answer({"query": "refund"}, paged(ROWS[:1], ROWS[1:]))

    assert found["results"] == [
        {
            "id": "1",
            "title": "Ann Lee, 2026-03-05 03:35, open: I want a refund",
            "url": "convirza://sms/conversations/1",
        },
        {
            "id": "2",
            "title": "18015551234, 2026-03-04 02:00, closed: refund, please",
            "url": "convirza://sms/conversations/2",
        },
    ]
    assert all(isinstance(each, str) for each in found["metadata"].values())
    assert found["metadata"]["matches"] == "2"
    assert found["metadata"]["coverage"].startswith("complete: 3 of 3 conversations read as of ")


async def test_a_result_can_be_fetched_by_its_id_or_its_url() -> None:
    transport = paged(ROWS[:1], ROWS[1:])
    by_id = await opened({"id": "2"}, transport)
    by_url = await opened({"id": "convirza://sms/conversations/2"}, transport)

    assert {key: by_id[key] for key in ("id", "title", "url")} == {
        "id": "2",
        "title": "18015551234, 2026-03-04 02:00, closed",
        "url": "convirza://sms/conversations/2",
    }
    assert by_id["text"] == by_url["text"]
    head, _, message = by_id["text"].partition("\nmessage, to the end of this text:\n")
    assert message == "refund,\nplease"
    names = [line.partition(": ")[0] for line in head.split("\n")]
    assert names == ["state", *(name for name in FULL_COLUMNS if name != "message")]
    assert "agent: John Doe" in head
    assert "source_name: unknown" in head
    assert "pin: yes" in head
    assert by_id["metadata"]["other_conversations_of_contact"] == "2"


async def test_over_the_sandbox_every_hit_is_found_and_opened() -> None:
    with Sandbox(now=NOW) as sandbox:
        settings = reaching(sandbox)
        async with open_account(ConvirzaClient.from_settings(settings), settings, clock=lambda: NOW) as account:
            found = answer_of(await call_tool(search.TOOL, {"query": "refund"}, account.request()))
            start = NOW - timedelta(days=30)
            rows = {
                each["conversation_id"]: each
                for view in ("allOpen", "close")
                for each in sandbox.ask(type=view, start=start, end=NOW).rows
            }
            hits = {number for number, each in rows.items() if "refund" in (each["message"] or "").casefold()}
            assert len(hits) > search.MAX_RESULTS
            assert found["metadata"]["matches"] == str(len(hits))
            assert str(len(hits) - search.MAX_RESULTS) in found["metadata"]["left_out"]
            assert {int(each["id"]) for each in found["results"]} < hits
            for each in found["results"][:3]:
                document = answer_of(await call_tool(fetch.TOOL, {"id": each["id"]}, account.request()))
                assert document["text"].endswith(rows[int(each["id"])]["message"])
                assert each["title"].startswith(document["title"])


async def test_nothing_found_is_said_with_what_was_searched(snapshot: Snapshot) -> None:
    found = await answer({"query": "giraffe"}, paged(ROWS))

    assert found["results"] == []
    snapshot(found["metadata"]["note"], found["metadata"]["coverage"])


async def test_a_search_that_could_not_read_everything_says_so(snapshot: Snapshot) -> None:
    convirza = Convirza(*ROWS)
    convirza.changed = {"data": {"conversation": ROWS}}
    found = await answer({"query": "refund"}, answering(convirza))
    empty = await answer({"query": "giraffe"}, answering(convirza))

    assert len(found["results"]) == 2
    snapshot(found["metadata"]["coverage"], empty["metadata"]["note"])


@pytest.mark.parametrize(
    "given", [{}, {"query": ""}, {"query": "-"}, {"query": "from:ann"}, {"query": "a", "limit": 3}]
)
async def test_what_cannot_be_searched_is_an_error_without_a_request(given: dict[str, Any]) -> None:
    asked: list[str] = []

    result = await call(given, paged(ROWS, asked=asked))

    assert result.is_error
    assert text_of(result).endswith("[invalid_argument]")
    assert asked == []


@pytest.mark.parametrize("identifier", ["", "Ann Lee", "-1", "1.5", "9" * 30, "https://example.com/1", None])
async def test_what_is_no_id_is_an_error_without_a_request(identifier: object) -> None:
    asked: list[str] = []

    result = await open_({"id": identifier}, paged(ROWS, asked=asked))

    assert result.is_error
    assert text_of(result).endswith("[invalid_argument]")
    assert "Ann" not in text_of(result)
    assert asked == []


async def test_an_id_that_is_nowhere_is_not_found() -> None:
    result = await open_({"id": "77"}, paged(ROWS))

    assert result.is_error
    assert text_of(result).endswith("[conversation_not_found]")
    # Arguments of other tools.
    assert not {"`conversation_id`", "`start`"} & set(text_of(result).split())


@pytest.mark.parametrize("name", CONNECTOR_TOOL_NAMES)
async def test_an_answer_stays_within_its_budget(name: str) -> None:
    rows = [row(number, source_name="名" * 80, message="払" * 2_000) for number in range(1, 40)]
    settings = replace(SETTINGS, max_result_tokens=2_000)
    given = {"query": "払"} if name == "search" else {"id": "1"}

    found = await calls_of(tool_named(name))[1](given, paged(rows), settings)

    assert estimate_tokens(json.dumps(found, ensure_ascii=False, separators=(",", ":"))) <= 2_000
    if name == "search":
        assert 0 < len(found["results"]) < search.MAX_RESULTS
        assert "left_out" in found["metadata"]


@pytest.mark.parametrize("privacy", ["mask", "strict"])
async def test_a_privacy_mode_hides_contacts_here_too(privacy: Any) -> None:
    with served() as convirza:
        settings = replace(SETTINGS, token=TOKEN, base_url=convirza.base_url, privacy=privacy, privacy_key=b"k" * 32)
        async with open_account(
            ConvirzaClient.from_settings(settings), settings, read_key=lambda: b"k" * 32
        ) as account:
            query = "refund" if privacy == "mask" else "Stranger 1"
            found = answer_of(await call_tool(search.TOOL, {"query": query}, account.request()))
            document = answer_of(await call_tool(fetch.TOOL, {"id": "700008"}, account.request()))

    assert "privacy" in found["metadata"]
    assert "privacy" in document["metadata"]
    assert traces_in(json.dumps([found, document], ensure_ascii=False)) == []
    assert NAME not in document["text"]
    assert ("message: not available" in document["text"]) is (privacy == "strict")


async def test_every_text_is_clean() -> None:
    soiled, _ = dirty_and_clean(10)
    with FaultServer(pages_of(soiled)) as convirza:
        settings = replace(SETTINGS, base_url=convirza.base_url)
        async with open_account(ConvirzaClient.from_settings(settings), settings, clock=lambda: NOW) as account:
            found = answer_of(await call_tool(search.TOOL, {"query": "call"}, account.request()))
            documents = [
                answer_of(await call_tool(fetch.TOOL, {"id": each["id"]}, account.request()))
                for each in found["results"][:4]
            ]

    assert len(found["results"]) == 10
    assert_clean([found, documents])
    assert all("\n" not in each["title"] for each in found["results"])


async def test_with_text_alone_there_is_one_copy() -> None:
    result = await call({"query": "refund"}, paged(ROWS), replace(SETTINGS, output="text"))

    assert result.structured_content is None
    assert len(json.loads(text_of(result))["results"]) == 2


async def test_upstream_refusals_are_error_results() -> None:
    refused = httpx2.MockTransport(lambda _: httpx2.Response(403, json={"message": "no"}))

    for result in (await call({"query": "refund"}, refused), await open_({"id": "1"}, refused)):
        assert result.is_error
        assert text_of(result).endswith("[permission_denied]")


@pytest.mark.parametrize("name", CONNECTOR_TOOL_NAMES)
def test_a_definition_takes_one_text_and_gives_what_connectors_take(name: str) -> None:
    listed = definition(tool_named(name), structured=True).model_dump(by_alias=True, exclude_none=True)
    (parameter,) = listed["inputSchema"]["properties"]

    assert parameter == {"search": "query", "fetch": "id"}[name]
    assert listed["inputSchema"]["required"] == [parameter]
    assert listed["inputSchema"]["additionalProperties"] is False
    assert 45 <= len(listed["description"].split()) <= 90
    assert re.match("(Search|Open) ", listed["description"])
    assert listed["annotations"]["readOnlyHint"] is True
    assert "_meta" not in listed


async def test_a_page_that_never_ends_is_reported_as_incomplete() -> None:
    page = envelope([row(1, message="refund")], 1_000)

    found = await answer({"query": "refund"}, answering(page))

    assert found["metadata"]["coverage"].startswith("incomplete, so conversations may be missing: ")
