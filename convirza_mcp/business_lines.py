"""Names and campaigns of business lines, from a CSV file that the business keeps."""

import csv
import re
from collections.abc import Mapping
from io import StringIO
from pathlib import Path
from typing import NamedTuple

from convirza_mcp.errors import SettingsError
from convirza_mcp.files import read_text_file
from convirza_mcp.text.fold import name_key, on_one_line
from convirza_mcp.text.phone import digits_of, is_written_as_number, number_key
from convirza_mcp.text.typed import plain

COLUMNS = ("phone_number", "name", "campaign")
_LARGEST = 1_000_000
_LONGEST = 60
_DIGITS = range(3, 16)


class BusinessLine(NamedTuple):
    """The business's own words for a line; either may be empty."""

    name: str = ""
    campaign: str = ""


BusinessLines = Mapping[str, BusinessLine]
"""By `number_key` of the line."""

NO_LINES: BusinessLines = {}


def line_label(phone_number: str, lines: BusinessLines) -> str:
    """Return a line's number with its name: `18015550101 Main office`."""
    line = lines.get(number_key(phone_number)) if lines else None
    return phone_number if line is None or not line.name else f"{phone_number} {line.name}"


def read_lines_file(text: str, variable: str) -> BusinessLines:
    """Read the file at this path.

    Raises:
        SettingsError: it cannot be used; the message has the row's number, and no value.
    """
    try:
        path = Path(text).expanduser()
        # A pipe might never end.
        content = read_text_file(path, at_most=_LARGEST) if path.is_file() else None
    except UnicodeDecodeError:
        raise SettingsError(f"{variable} is not UTF-8 text.", remedy="Save the file as CSV UTF-8.") from None
    except (OSError, RuntimeError, ValueError):
        content = None
    if content is None:
        raise SettingsError(f"{variable} takes the path of a CSV file with the columns phone_number, name, campaign.")
    return parse_lines(content)


def parse_lines(text: str) -> BusinessLines:
    """Read rows of number, name and campaign, with a header or in this order.

    Commas, semicolons or tabs separate values, as spreadsheets in different countries write them.

    Raises:
        SettingsError: a row cannot be used.
    """
    head = next((line for line in text.splitlines() if line.strip()), "")
    between = max(",;\t", key=head.count)
    curly = re.compile(rf'(^|{between})[ ]*[“”„]([^“”„"\r\n]*)[“”][ ]*(?={between}|\r?$)', re.MULTILINE)
    rows = csv.reader(StringIO(curly.sub(r'\1"\2"', text), newline=""), delimiter=between, skipinitialspace=True)
    found: dict[str, BusinessLine] = {}
    first_rows: dict[str, int] = {}
    campaigns: dict[str, str] = {}
    columns: tuple[str, ...] | None = None
    try:
        for row, cells in enumerate(rows, 1):
            if not any(map(str.strip, cells)):
                continue
            if any("\n" in cell or "\r" in cell for cell in cells):
                raise SettingsError(f"Row {row} of CONVIRZA_LINES_FILE has a quotation mark without its pair.")
            values = list(map(on_one_line, cells))
            if columns is None:
                columns = tuple(re.sub("[ -]", "_", plain(name_key(each))) for each in values)
                if _number(values[0]) is None:
                    if COLUMNS[0] not in columns or set(columns).isdisjoint(COLUMNS[1:]):
                        raise SettingsError(
                            "Row 1 of CONVIRZA_LINES_FILE has no columns phone_number and name.",
                            remedy="Begin the file with phone_number,name,campaign.",
                        )
                    continue
                columns = COLUMNS
            if any(values[len(columns) :]):
                raise SettingsError(
                    f"Row {row} of CONVIRZA_LINES_FILE has too many values.",
                    remedy="Put a name with a comma in double quotes.",
                )
            given = dict(zip(columns, values, strict=False))
            number = _number(given.get(COLUMNS[0], ""))
            if number is None:
                raise SettingsError(f"Row {row} of CONVIRZA_LINES_FILE has no phone number such as 18015550101.")
            if number in found:
                raise SettingsError(
                    f"Row {row} of CONVIRZA_LINES_FILE has the phone number of row {first_rows[number]}."
                )
            campaign = given.get("campaign", "")
            # Written as in its first row, whatever the case.
            campaign = campaigns.setdefault(name_key(campaign), campaign)
            line = BusinessLine(given.get("name", ""), campaign)
            if max(map(len, line)) > _LONGEST:
                raise SettingsError(f"Row {row} of CONVIRZA_LINES_FILE has a name of more than 60 characters.")
            found[number], first_rows[number] = line, row
    except csv.Error:
        raise SettingsError(f"Row {rows.line_num} of CONVIRZA_LINES_FILE is not CSV.") from None
    return found


def _number(cell: str) -> str | None:
    """Return the key of a line's number; None for anything else, such as 1.8E+10."""
    # A spreadsheet writes a number as 18015550101.0, or as text: '18015550101 and ="18015550101".
    cell = re.sub(r"\A([0-9]+)\.0\Z", r"\1", plain(cell.removeprefix("'").removeprefix("=")))
    is_number = is_written_as_number("".join(cell.split())) and len(digits_of(cell)) in _DIGITS
    return number_key(cell) if is_number else None
