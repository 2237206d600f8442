"""Rows as blocks of a few lines, for a terminal that is too narrow for columns.

A block has a line that identifies the row, the message, and a line with the other values. Lines break between values; a
value breaks between words, and only if it does not fit a line.
"""

from collections.abc import Iterable, Mapping

from rich.text import Text

Cells = Mapping[str, Text | None]
"""A row by column; None for a value that Convirza did not return."""

_HEAD = ("waiting", "conversation_updated", "source_name", "source", "unread_count")
_FOOT = ("agent", "line", "state", "since", "conversation_id")
_UNKNOWN = {"waiting": "unknown wait", "conversation_updated": "no time", "agent": "no agent", "message": "–"}
"""Placeholders for missing values; other columns have none."""

NOTHING = "–"


def as_blocks(rows: Iterable[Cells], width: int) -> Text:
    """Return the rows as blocks, with an empty line after each."""
    return Text("\n").join(_block(row, width).append("\n") for row in rows)


def pack_lines(facts: Iterable[Text], width: int, between: str = " · ") -> Text:
    """Return the values in lines of at most `width` cells, as many per line as fit."""
    lines = Text()
    room = -1
    for fact in facts:
        needed = fact.cell_len
        if len(between) + needed <= room:
            lines.append(between)
            room -= len(between) + needed
        else:
            lines.append("\n" if room != -1 else "")
            # A value after a wrapped one starts a new line.
            room = max(0, width - needed)
        lines.append_text(fact)
    return lines


def _block(row: Cells, width: int) -> Text:
    head = [_fact(row, column) for column in _HEAD if column in row]
    first = pack_lines(filter(None, head), width, "  ")
    first.stylize_before("bold")
    said = [*_reasons(row), *(_fact(row, column) for column in _FOOT if column in row)]
    return Text("\n").join([first, _fact(row, "message") or Text(), pack_lines(filter(None, said), width)])


def _reasons(row: Cells) -> list[Text]:
    why = row.get("why")
    return [] if why is None else list(why.split(", "))


def _fact(row: Cells, column: str) -> Text | None:
    cell = row[column]
    match column:
        case "agent" if cell is None and "waiting" in row:
            # Its reasons say so.
            return None
        case "unread_count":
            return None if cell is None or cell.plain == "0" else cell + Text(" unread", style="bold yellow")
        case "line" if cell is not None:
            return _dimmed(Text("line ") + cell)
        case "since" if cell is not None:
            return _dimmed(Text("since ") + cell)
        case "conversation_id" if cell is not None:
            return _dimmed(Text("id ") + cell)
        case _ if cell is None:
            return Text(_UNKNOWN[column], style="dim") if column in _UNKNOWN else None
        case _ if column in _FOOT:
            return _dimmed(cell)
        case _:
            return cell


def _dimmed(cell: Text) -> Text:
    dimmed = cell.copy()
    dimmed.stylize_before("dim")
    return dimmed
