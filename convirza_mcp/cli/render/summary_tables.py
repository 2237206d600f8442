"""A summary's figures: as tables with bars, without bars, or as blocks, as the width allows."""

from collections.abc import Sequence
from typing import Literal

from rich.bar import Bar
from rich.table import Table
from rich.text import Text

from convirza_mcp.cli.render.blocks import NOTHING, pack_lines
from convirza_mcp.clock.durations import duration_text
from convirza_mcp.questions.figures import GroupFigures, InboxSummary
from convirza_mcp.rules.summary import Figures, ResponseTimes, share_text
from convirza_mcp.tools.summary_rows import group_columns, group_value

_WIDEST_BAR = 30
_SHORTEST_BAR = 8
_WIDEST_NAME = 40
_GAP = 2
_NAMES = {"phone_number": "Line", "parent_group": "Parent group", "business_hours": "Hours"}
_TIMES = ("Count", "Missing", "Median", "Mean", "p90", "Within 5m", "Within {}m")
_COLUMNS = ("conversations", "unread", "waiting", "first_median", "first_p90", "first_within_target")

Rows = Sequence[Sequence[Text]]


def overview(total: Figures, width: int) -> Table:
    """Return the figures in two pairs of columns, or in one if two are too wide."""
    unread = "bold yellow" if total.unread else ""
    figures = [
        ("Conversations", Text(str(total.conversations), "bold")),
        ("Waiting", Text(str(total.waiting), "bold yellow" if total.waiting else "")),
        ("Closed", Text(str(total.closed))),
        ("Unassigned", Text(str(total.unassigned))),
        ("Unread", Text(str(total.unread), unread)),
        ("Unread messages", Text(str(total.unread_messages), unread)),
        ("Pinned", Text(str(total.pinned))),
    ]
    wide = sum(max(len(name) + value.cell_len for name, value in figures[side::2]) for side in (0, 1)) + 3 * _GAP
    pairs = 2 if wide <= width else 1
    grid = Table.grid(padding=(0, _GAP))
    for _ in range(pairs):
        grid.add_column()
        grid.add_column(justify="right")
    for first in range(0, len(figures), pairs):
        grid.add_row(*(cell for figure in figures[first : first + pairs] for cell in figure))
    return grid


def waits(summary: InboxSummary, width: int) -> Table:
    bands = [(band.label, band.conversations) for band in summary.waits]
    if summary.total.unknown_waits:
        bands.append(("unknown", summary.total.unknown_waits))
    rows = [[Text(band), Text(str(count))] for band, count in bands]
    headings = ("Waiting for", "Conversations")
    room = _available_width(headings, rows, width)
    return _table(headings, rows, _bars([count for _, count in bands], room, "yellow"))


def response_times(summary: InboxSummary, width: int) -> Table:
    total = summary.total
    named = [("First", _times(total.first_response)), ("Average", _times(total.avg_response))]
    if summary.by_time == "closed":
        named.append(("Until closed", _times(total.time_to_close)))
    figures = [each.format(summary.target_minutes) for each in _TIMES]
    headings = ("Response time", *figures)
    rows = [[Text(name), *values] for name, values in named]
    if _available_width(headings, rows, width) >= 0:
        return _table(headings, rows)
    beside = zip(*(values for _, values in named), strict=True)
    turned = [[Text(heading), *values] for heading, values in zip(figures, beside, strict=True)]
    return _table(("Response time", *(name for name, _ in named)), turned)


def groups(summary: InboxSummary, lines: Sequence[GroupFigures], width: int) -> Table | Text:
    """Return a row for each group, or blocks if a table is too wide."""
    is_usual = summary.before is None and summary.by_time != "closed"
    columns = _COLUMNS if is_usual else group_columns(summary)
    # As Text: a name may look like rich's markup.
    rows = [[Text(_label(line)), *(_cell(group_value(line, each)) for each in columns)] for line in lines]
    low = [_heading(each, summary.target_minutes) for each in columns]
    high = [each.replace("Conversations", "Conver-sations").replace("-", "-\n").replace(" ", "\n") for each in low]
    by = " · ".join(_name(each) for each in (summary.group_by, summary.then_by) if each != "none")
    for headings in (low, high):
        room = _available_width((by, *headings), rows, width)
        if room >= 0:
            bars = _bars([line.figures.conversations for line in lines], room, "cyan")
            return _table((by, *headings), rows, bars)
    blocks = []
    for name, *cells in rows:
        name.stylize("bold")
        facts = [Text.assemble(f"{heading.lower()} ", cell) for heading, cell in zip(low, cells, strict=True)]
        blocks.append(Text("\n").join([name, pack_lines(facts, width)]))
    return Text("\n\n").join(blocks)


def pairs(summary: InboxSummary, width: int) -> Table | None:
    """Return conversation counts with a column for each second group; None if that is too wide."""
    if summary.table is None:
        return None
    headings = (_name(summary.group_by), *(label.removesuffix(":00") for label in summary.table.columns))
    rows = [[Text(label), *map(_cell, counts)] for label, counts in summary.table.rows]
    return _table(headings, rows) if _available_width(headings, rows, width) >= 0 else None


def _name(by: str) -> str:
    return _NAMES.get(by, by.capitalize())


def _label(line: GroupFigures) -> str:
    return line.label if line.then is None else f"{line.label} · {line.then}"


def _heading(column: str, target_minutes: int) -> str:
    name = column.replace("first_within_target", f"within {target_minutes}m").replace("_", " ")
    return name[0].upper() + name[1:]


def _cell(value: str | int | None) -> Text:
    return Text(NOTHING if value is None else str(value))


def _times(times: ResponseTimes) -> list[Text]:
    durations = (times.median_seconds, times.mean_seconds, times.p90_seconds)
    shares = [share_text(part, times.count) for part in (times.within_5m, times.within_target)]
    return [_cell(each) for each in (times.count, times.missing, *map(duration_text, durations), *shares)]


def _available_width(headings: Sequence[str], rows: Rows, width: int) -> int:
    """Return the width left beside these columns; below 0 if they do not fit."""
    widest = [
        max([*map(len, heading.split("\n")), *(row[place].cell_len for row in rows)])
        for place, heading in enumerate(headings)
    ]
    # A long name is cut; a figure never is.
    widest[0] = min(widest[0], _WIDEST_NAME)
    return width - sum(widest) - _GAP * (len(headings) - 1)


def _bars(counts: Sequence[int], room: int, color: str) -> list[Bar] | None:
    """Return a bar for each row, scaled to the available width; None if it is too narrow."""
    width = min(_WIDEST_BAR, room - _GAP)
    if width < _SHORTEST_BAR:
        return None
    most = max(1, *counts)
    return [Bar(size=most, begin=0, end=count, width=width, color=color) for count in counts]


def _table(headings: Sequence[str], rows: Rows, bars: Sequence[Bar] | None = None) -> Table:
    """Return a table of a name and figures, with the bars after the first figure."""
    table = Table(box=None, pad_edge=False, header_style="bold")
    for place, heading in enumerate(headings):
        widest = None if place else _WIDEST_NAME
        justify: Literal["left", "right"] = "right" if place else "left"
        table.add_column(heading, justify=justify, no_wrap=True, overflow="ellipsis", max_width=widest)
        if place == 1 and bars is not None:
            table.add_column("", no_wrap=True)
    for number, row in enumerate(rows):
        bar = () if bars is None else (bars[number],)
        table.add_row(*row[:2], *bar, *row[2:])
    return table
