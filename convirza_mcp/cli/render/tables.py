"""Conversations on a terminal: a table if the columns fit, else blocks."""

from collections.abc import Iterable, Sequence

from rich.table import Table
from rich.text import Text

from convirza_mcp.answers.records import COMPACT_COLUMNS, Value, compact_rows
from convirza_mcp.api.models import Conversation
from convirza_mcp.cli.render.blocks import NOTHING, Cells, as_blocks
from convirza_mcp.clock.window import Window
from convirza_mcp.rules.messages import ASKED, MAY_HAVE_ASKED
from convirza_mcp.scan.results import Seen

HEADINGS = {
    "conversation_id": "Id",
    "waiting": "Waiting",
    "conversation_updated": "Updated",
    "since": "Since",
    "source_name": "Contact",
    "source": "Number",
    "unread_count": "Unread",
    "agent": "Agent",
    "line": "Line",
    "message": "Latest message",
    "why": "Why",
    "state": "State",
}
"""Headings by column name; `waiting`, `since`, `why` and `state` are ours."""

_RIGHT = ("waiting", "unread_count")
_WHOLE = ("why",)
"""Columns that are never cut, because their end matters."""

_WIDEST = 24
_GAP = 2
_MIN_MESSAGE_WIDTH = 30
"""Minimum width of messages; below it, lines hold a few words and a row fills half the screen."""


def conversations(columns: Sequence[str], rows: Sequence[Cells], width: int) -> Table | Text:
    """Return the rows, `width` cells wide, as a table or blocks; both show all `columns`."""
    if _needed(columns, rows) <= width:
        return _table(columns, rows)
    return as_blocks([{column: row[column] for column in columns} for row in rows], width)


def as_cells(columns: Sequence[str], row: Iterable[Value]) -> dict[str, Text | None]:
    """Return the cells of a row, with a nonzero unread count, the wait and opt-outs highlighted."""
    values = zip(columns, row, strict=True)
    # As Text: a message may look like rich's markup.
    cells = {column: None if value is None else Text(str(value)) for column, value in values}
    if (unread := cells.get("unread_count")) is not None and unread.plain != "0":
        unread.stylize("bold yellow")
    if (waiting := cells.get("waiting")) is not None:
        waiting.stylize("bold yellow")
    if (why := cells.get("why")) is not None:
        why.highlight_words([MAY_HAVE_ASKED, ASKED], "bold red")
    return cells


def compact_cells(shown: Sequence[Conversation], window: Window) -> list[dict[str, Text | None]]:
    """Return the cells of compact rows."""
    return [as_cells(COMPACT_COLUMNS, row) for row in compact_rows(shown, window)]


def cells_with_state(shown: Sequence[Seen], window: Window) -> list[dict[str, Text | None]]:
    """Return the same cells with the state of each row, open or closed."""
    rows = compact_cells([each.conversation for each in shown], window)
    return [cells | {"state": Text(each.state)} for each, cells in zip(shown, rows, strict=True)]


def _needed(columns: Sequence[str], rows: Sequence[Cells]) -> int:
    """Return the width that keeps uncut columns whole and the message readable."""
    return sum(_width(column, rows) for column in columns) + _GAP * (len(columns) - 1)


def _width(column: str, rows: Sequence[Cells]) -> int:
    cells = (row[column] for row in rows)
    widest = max([len(HEADINGS[column]), *(len(NOTHING) if cell is None else cell.cell_len for cell in cells)])
    if column in _WHOLE:
        return widest
    return min(widest, _MIN_MESSAGE_WIDTH if column == "message" else _WIDEST)


def _table(columns: Sequence[str], rows: Sequence[Cells]) -> Table:
    table = Table(box=None, pad_edge=False, header_style="bold")
    for column in columns:
        message = column == "message"
        table.add_column(
            HEADINGS[column],
            justify="right" if column in _RIGHT else "left",
            no_wrap=not message,
            overflow="ellipsis",
            # The message takes the remaining width.
            ratio=1 if message else None,
            max_width=None if message or column in _WHOLE else _WIDEST,
        )
    for row in rows:
        table.add_row(*(row[column] or NOTHING for column in columns))
    return table
