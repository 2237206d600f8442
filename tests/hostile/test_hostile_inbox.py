"""The hostile inbox through every tool: exact texts, and not a row, key or column more or less."""

import json
import re
from collections.abc import AsyncIterator
from typing import Any

import pytest
from mcp import Client

from convirza_mcp.answers.records import COMPACT_COLUMNS
from convirza_mcp.answers.rows import MESSAGE_LENGTH as WAITING_LENGTH
from convirza_mcp.sandbox import Sandbox
from convirza_mcp.sandbox.hostile.rows import FIRST_ERROR_OFFSET
from convirza_mcp.text.typed import strip_wrapping
from hostile.expected import Expected, expected
from hostile.inboxes import (
    NOW,
    WINDOW,
    assert_shown,
    assert_shown_in_part,
    block_of,
    carried,
    documented_keys,
    server_over,
)
from hostile.leaves import assert_clean

LARGEST_RESULT = 80_000
ERRORS = [each for each in expected() if each.carrier == "error"]


SANDBOX = {"now": NOW, "hostile": True}


@pytest.fixture(scope="module")
def texts(sandbox: Sandbox) -> dict[int, Expected]:
    return carried(sandbox)


@pytest.fixture
async def client(sandbox: Sandbox) -> AsyncIterator[Client]:
    async with server_over(sandbox.base_url, sandbox.token) as client:
        yield client


async def ask(client: Client, tool: str, **arguments: Any) -> dict[str, Any]:
    result = await client.call_tool(tool, arguments)
    text = block_of(result)
    assert not result.is_error, text
    assert len(text.encode()) <= LARGEST_RESULT
    assert json.loads(text) == result.structured_content
    assert_clean(result.structured_content)
    # A row a line: the lines of strangers are none of ours.
    assert text.count("\n") == 3 + bool(result.structured_content["rows"]) + len(result.structured_content["rows"])
    return dict(result.structured_content)


def records(page: dict[str, Any]) -> list[dict[str, Any]]:
    return [dict(zip(page["columns"], row, strict=True)) for row in page["rows"]]


@pytest.mark.parametrize(("detail", "length"), [("full", 2_000), pytest.param("compact", 160, marks=pytest.mark.long)])
async def test_the_list_shows_each_as_the_table_says_and_every_row_once(
    client: Client, sandbox: Sandbox, texts: dict[int, Expected], detail: str, length: int
) -> None:
    shown: dict[int, dict[str, Any]] = {}
    for view in ("allOpen", "close"):
        walked: list[int] = []
        offset: int | None = 0
        while offset is not None:
            page = await ask(
                client, "list_sms_conversations", type=view, limit=200, offset=offset, detail=detail, **WINDOW
            )
            assert page["columns"] == (documented_keys() if detail == "full" else list(COMPACT_COLUMNS))
            rows = {each["conversation_id"]: each for each in records(page)}
            walked += rows
            shown |= rows
            offset = page["next_offset"]
        assert set(walked) == sandbox.ids(view)
        assert len(walked) == len(sandbox.ids(view))
    assert texts.keys() <= shown.keys()
    for each, text in texts.items():
        assert_shown(shown[each], text, length)


async def test_a_field_that_cannot_be_read_is_null_and_counted(client: Client, sandbox: Sandbox) -> None:
    page = await ask(client, "list_sms_conversations", limit=200, **WINDOW)

    sent = [row for row in sandbox.conversations if row["conversation_id"] in sandbox.ids("allOpen")]
    unreadable = sum(isinstance(row["ct_user_id"], str) for row in sent)
    times = sum(row["ct_user_id"] == row["first_response_time"] is not None for row in sent)
    number = any(row["ct_user_id"] == "-18015550107" for row in sent)
    counted = f": ct_user_id ({unreadable - number}), first_response_time ({times})"
    assert page["unreadable"].endswith(counted)


async def test_a_search_shows_each_as_the_table_says(client: Client, texts: dict[int, Expected]) -> None:
    found: dict[int, dict[str, Any]] = {}
    for query in ("ann", "bob", "1801555", "tap", "4pm", "fine"):
        page = await ask(client, "search_sms_messages", query=query, limit=100, **WINDOW)
        found |= {each["conversation_id"]: each for each in records(page)}

    hostile = texts.keys() & found.keys()
    assert len(hostile) > 30
    for each in hostile:
        assert_shown_in_part(found[each], texts[each], 100)


async def test_the_waiting_list_shows_each_as_the_table_says(client: Client, texts: dict[int, Expected]) -> None:
    waiting = await ask(client, "list_waiting_sms_conversations", limit=100, **WINDOW)
    assert len(waiting["rows"]) == min(100, waiting["waiting"])
    hostile = 0
    for each in records(waiting):
        if text := texts.get(each["conversation_id"]):
            hostile += 1
            assert_shown_in_part(each, text, WAITING_LENGTH)
    assert hostile > 10


@pytest.mark.long
async def test_the_changes_show_each_as_the_table_says(client: Client, texts: dict[int, Expected]) -> None:
    # Until the sandbox's own now, which a cursor of today lies after: all that is there.
    changed: dict[int, dict[str, Any]] = {}
    since, more = "2026-01-01", True
    while more:
        page = await ask(client, "list_sms_changes", since=since, limit=200)
        changed |= {each["conversation_id"]: each for each in records(page)}
        since, more = page["cursor"], page["more"]
    for each in texts.keys() & changed.keys():
        assert_shown(changed[each], texts[each], 160)
    assert len(texts.keys() & changed.keys()) > 100


@pytest.mark.parametrize("carrier", ["message", *(pytest.param(each, marks=pytest.mark.long) for each in ("number",))])
async def test_each_opened_by_itself_is_as_the_table_says(
    client: Client, texts: dict[int, Expected], carrier: str
) -> None:
    # Held from here on, so that opening one needs no walk.
    await ask(client, "summarize_sms_inbox", **WINDOW)
    for each, text in texts.items():
        if text.carrier == carrier:
            opened = await ask(client, "get_sms_conversation", conversation_id=each, **WINDOW)
            assert list(opened["conversation"]) == documented_keys()
            assert_shown(opened["conversation"], text, 2_000)
            assert opened["closed"] in (True, False)


@pytest.mark.parametrize("group_by", ["agent", "status"])
async def test_a_summary_counts_every_one_in_clean_groups(client: Client, sandbox: Sandbox, group_by: str) -> None:
    page = await ask(client, "summarize_sms_inbox", group_by=group_by, **WINDOW)

    assert page["coverage"]["complete"] is True
    assert page["conversations"] == len(sandbox.conversations) == sum(row[1] for row in page["rows"])
    assert len({row[0] for row in page["rows"]}) == len(page["rows"]) <= 31


async def assert_said(client: Client, number: int) -> None:
    """The sentence for a request that is refused with that error text."""
    result = await client.call_tool("list_sms_conversations", {"offset": FIRST_ERROR_OFFSET + number})

    assert result.is_error
    assert result.structured_content is None
    sentence = block_of(result)
    assert_clean(sentence)
    assert "\n" not in sentence
    words = ERRORS[number].shown
    said = "" if words is None else re.escape(f' Convirza said: "{words}"')
    ends = r"Convirza's request id: [0-9a-f-]{36}\." + said + r" \[bad_request\]"
    assert re.search(ends + r"\Z", sentence), (ERRORS[number].id, ascii(sentence))


async def test_the_words_of_an_error_are_as_the_table_says(client: Client) -> None:
    for number in range(len(ERRORS)):
        await assert_said(client, number)


async def test_hostile_words_in_an_argument_are_not_said_again(client: Client) -> None:
    for text in expected():
        result = await client.call_tool("list_sms_conversations", {"order": text.raw, "limit": text.raw})
        if not result.is_error:
            # Nothing but invisible characters counts as not given, and so does a word for it.
            assert strip_wrapping(text.raw) in ("", "NaN")
            continue
        assert re.match("`(limit|order)` takes ", block_of(result))
        assert text.raw.strip() in ("", *"0123456789") or text.raw not in block_of(result)
