"""Rows of an exported file: no formula for a spreadsheet, and every text whole."""

import csv
import io
import json
import re
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from convirza_mcp.answers.export_rows import line
from convirza_mcp.answers.records import FULL_COLUMNS
from convirza_mcp.api.models import Conversation
from convirza_mcp.clock.window import Window
from convirza_mcp.scan.results import Seen
from convirza_mcp.text.clean import clean

NOW = datetime(2026, 3, 6, 16, 12, tzinfo=UTC)
WINDOW = Window(start=datetime(2026, 3, 1, tzinfo=UTC), end=NOW, zone=UTC)


def shown(**fields: Any) -> tuple[list[str], dict[str, Any]]:
    """The cells of a CSV row, and the object of a JSON line."""
    seen = Seen(Conversation(conversation_id=1, **fields), closed=False)
    (cells,) = csv.reader(io.StringIO(line("csv", seen, WINDOW, with_state=False), newline=""))
    return cells, json.loads(line("jsonl", seen, WINDOW, with_state=False))


@pytest.mark.parametrize(
    "text",
    ["=1+1", "+18015551234+1", "+1 801", "-5", "@sum", "\t=1", " =1", "\n+1", "\u3000@x", "\tx", *"＝＋－＠﹣−"],
)
def test_a_cell_that_a_spreadsheet_would_run_is_text(text: str) -> None:
    cells, found = shown(source=text, message=text)

    assert cells[FULL_COLUMNS.index("message")] == f"'{text}"
    assert found["message"] == text


def test_numbers_of_convirza_s_own_stay_numbers() -> None:
    seen = Seen(Conversation(conversation_id=7, ct_user_id=-5, pin=True, unread_count=0), closed=True)

    cells = line("csv", seen, WINDOW, with_state=True)

    assert cells == "7,,,,,,,,,,-5,true,,0,,,closed\r\n"


@given(st.text())
def test_any_text_comes_back_from_a_row_of_one_line_or_quoted_ones(text: str) -> None:
    cells, _ = shown(message=text)

    cell = cells[FULL_COLUMNS.index("message")]
    assert cell.removeprefix("'") == clean(text).removeprefix("'")
    assert cell.lstrip()[:1] not in set("=+-@") or re.fullmatch(r"\+[0-9]+", cell)


def test_a_number_with_its_plus_stays_as_imports_expect_it() -> None:
    cells, _ = shown(source="+18015551234")

    assert cells[FULL_COLUMNS.index("source")] == "+18015551234"


def test_a_whole_message_is_whole() -> None:
    assert shown(message="x" * 10_000)[1]["message"] == "x" * 10_000
