"""Conversations as a table on a terminal."""

from collections.abc import Iterable, Sequence

from rich.table import Table
from rich.text import Text

from convirza_mcp.inbox.records import COMPACT_COLUMNS, Value

MESSAGE = "Latest message"
HEADINGS = dict(zip(COMPACT_COLUMNS, ("Id", "Updated", "Contact", "Number", "Unread", "Agent", MESSAGE), strict=True))
"""Of the compact columns, by name."""

UNREAD = COMPACT_COLUMNS.index("unread_count")

_WIDEST = 24


def conversation_table(headings: Iterable[str], *, right: Sequence[str] = ("Unread",), whole: str = "") -> Table:
    """An empty table: the message takes the room that the others leave; only the column `whole` is never cut."""
    table = Table(box=None, pad_edge=False, header_style="bold")
    for heading in headings:
        message = heading == MESSAGE
        table.add_column(
            heading,
            justify="right" if heading in right else "left",
            no_wrap=not message,
            overflow="ellipsis",
            ratio=1 if message else None,
            max_width=None if message or heading == whole else _WIDEST,
        )
    return table


def as_cells(row: Iterable[Value]) -> list[Text]:
    # As Text: a message that looks like the library's own markup stays a message.
    return [Text("–" if value is None else str(value)) for value in row]


def with_unread_marked(cells: list[Text], unread: int | None) -> list[Text]:
    """The cells of a compact row, its number of unread messages brought out where there are any."""
    if unread:
        cells[UNREAD].stylize("bold yellow")
    return cells
