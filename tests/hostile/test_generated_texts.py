"""Texts of any code points that Python can hold, in every field and through every tool."""

import json
import sys
from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from convirza_mcp.answers.records import COMPACT_COLUMNS, FULL_COLUMNS
from convirza_mcp.sandbox.hostile.texts import HOSTILE_TEXTS
from hostile.dirty_rows import ANSWERED
from hostile.inboxes import block_of
from hostile.leaves import NEVER, assert_clean
from hostile.sessions import Session
from support.rows import envelope, row

ROWS = 10
FIELDS = ("message", "source_name", "agent", "source", "phone_number", "conversation_status", "sms_type")
# Found whatever follows it; what stands before it could swallow it.
WORD = "zq7x"

any_text = st.text(st.characters(min_codepoint=0, max_codepoint=sys.maxunicode, exclude_categories=()), max_size=40)
pieces = st.sampled_from([text[:60] for texts in HOSTILE_TEXTS.values() for text in texts])
texts = st.lists(any_text | st.lists(any_text | pieces, max_size=4).map("".join), min_size=ROWS, max_size=ROWS)

TOOLS: dict[str, dict[str, Any]] = {
    "list_sms_conversations": {"limit": ROWS},
    "list_sms_conversations in full": {"limit": ROWS, "detail": "full"},
    "get_sms_conversation": {"conversation_id": 900_000},
    "search_sms_messages": {"query": WORD},
    "list_waiting_sms_conversations": {},
    "summarize_sms_inbox": {},
    "list_sms_changes": {"since": "2026-03-01"},
}


@pytest.fixture(scope="module")
def session() -> Iterator[Session]:
    with Session.opened() as session:
        yield session


def rows_of(drawn: list[str]) -> list[dict[str, Any]]:
    """Every text in every field, each time in another row."""
    rows = []
    for number in range(ROWS):
        fields = {name: drawn[(number + place) % ROWS] for place, name in enumerate(FIELDS)}
        fields["message"] = f"{WORD} {fields['message']}"
        rows.append(row(900_000 + number, **fields))
    return rows


def assert_whole(tool: str, answer: dict[str, Any]) -> None:
    match tool:
        case "get_sms_conversation":
            assert list(answer["conversation"]) == list(FULL_COLUMNS)
        case "summarize_sms_inbox":
            assert answer["conversations"] == ROWS == sum(cells[1] for cells in answer["rows"])
        case _:
            assert sorted(cells[0] for cells in answer["rows"]) == [900_000 + number for number in range(ROWS)]
            assert {len(cells) for cells in answer["rows"]} == {len(answer["columns"])}
            assert set(answer["columns"]) & {*COMPACT_COLUMNS} >= {"conversation_id", "source_name", "message"}


def check(session: Session, name: str, drawn: list[str]) -> None:
    tool, arguments = name.partition(" ")[0], TOOLS[name]
    if tool == "summarize_sms_inbox":
        arguments = {"group_by": ("agent", "phone_number", "status")[len(drawn[0]) % 3]}
    if tool != "list_sms_changes":
        arguments = arguments | session.window()
    session.body = json.dumps(envelope(rows_of(drawn)) | ANSWERED).encode()

    result = session.call(tool, arguments)

    text = block_of(result)
    assert not result.is_error, text
    assert NEVER.search(text) is None
    assert_clean(result.structured_content)
    assert json.loads(text) == result.structured_content
    assert_whole(tool, result.structured_content or {})


@pytest.mark.parametrize("count", [30, pytest.param(10_000, marks=pytest.mark.long)])
@pytest.mark.parametrize("name", TOOLS)
def test_nothing_forbidden_leaves_and_nothing_is_lost(session: Session, name: str, count: int) -> None:
    # The session is for all examples: a server that one of them ended would answer none after it.
    @settings(max_examples=count // ROWS, deadline=None, suppress_health_check=list(HealthCheck))
    @given(texts)
    def of_each(drawn: list[str]) -> None:
        check(session, name, drawn)

    of_each()
