"""Export format of a conversation: every field, the whole message, one CSV or JSON line.

A spreadsheet runs any cell that begins like a formula. In CSV such a text gets an apostrophe
before it, which spreadsheets read as "this is text"; in JSON Lines, which no spreadsheet runs, it stays as it is.
"""

import csv
import io
import re
import sys
import unicodedata
from collections.abc import Sequence
from typing import Literal

from pydantic_core import to_json

from convirza_mcp.answers.records import FULL_COLUMNS, Value, full_row
from convirza_mcp.clock.window import Window
from convirza_mcp.scan.results import Seen

Format = Literal["csv", "jsonl"]

STATE_COLUMN = "state"
_BEGINS_A_FORMULA = "=+-@\N{MINUS SIGN}"
_SKIPPED_BY_SOME = "\t\r\n"
_PHONE_NUMBER = re.compile(r"\+[0-9]+", re.ASCII)
"""A number with + evaluates to itself as a formula; an apostrophe would break matches in imports."""


def columns(*, with_state: bool) -> tuple[str, ...]:
    """Return Convirza's field names, optionally with the state, open or closed."""
    return (*FULL_COLUMNS, STATE_COLUMN) if with_state else FULL_COLUMNS


def heading(form: Format, *, with_state: bool) -> str:
    return _csv_line(columns(with_state=with_state)) if form == "csv" else ""


def line(form: Format, seen: Seen, window: Window, *, with_state: bool) -> str:
    """Return one row with its line break; times are ISO 8601 with the offset of the window's zone."""
    values = full_row(seen.conversation, window, message_length=sys.maxsize)
    if with_state:
        values.append(seen.state)
    if form == "csv":
        return _csv_line([_cell(value) for value in values])
    return to_json(dict(zip(columns(with_state=with_state), values, strict=True))).decode() + "\n"


def _csv_line(cells: Sequence[str]) -> str:
    # RFC 4180: quotes if needed, CRLF at the end.
    text = io.StringIO(newline="")
    csv.writer(text, lineterminator="\r\n").writerow(cells)
    return text.getvalue()


def _cell(value: Value) -> str:
    if isinstance(value, str):
        return f"'{value}" if _is_like_a_formula(value) else value
    return "" if value is None else str(value).lower()


def _is_like_a_formula(text: str) -> bool:
    if text[:1] and text[0] in _SKIPPED_BY_SOME:
        return True
    if _PHONE_NUMBER.fullmatch(text):
        return False
    # Treat full-width and small forms like their ASCII characters.
    first = unicodedata.normalize("NFKC", text.lstrip()[:1])
    return bool(first) and first[0] in _BEGINS_A_FORMULA
