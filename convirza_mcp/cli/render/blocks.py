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
_PREFIXES = {"line": "line ", "since": "since ", "conversation_id": "id "}
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
    why = row.get("why")
    reasons = [] if why is None else list(why.split(", "))
    said = [*reasons, *(_fact(row, column) for column in _FOOT if column in row)]
    return Text("\n").join([first, _fact(row, "message") or Text(), pack_lines(filter(None, said), width)])


def _fact(row: Cells, column: str) -> Text | None:
    cell = row[column]
    if column == "unread_count":
        return None if cell is None or cell.plain == "0" else cell + Text(" unread", style="bold yellow")
    if cell is None:
        # The reasons of a waiting conversation say that it has no agent.
        is_said = column == "agent" and "waiting" in row
        return Text(_UNKNOWN[column], style="dim") if column in _UNKNOWN and not is_said else None
    if column not in _FOOT:
        return cell
    fact = Text(_PREFIXES.get(column, "")) + cell
    fact.stylize_before("dim")
    return fact
