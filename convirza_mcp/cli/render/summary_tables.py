"""A summary's figures: tables with bars, without bars, or as blocks, whatever the width has room for."""

from collections.abc import Sequence
from typing import Literal

from rich.bar import Bar
from rich.table import Table
from rich.text import Text

from convirza_mcp.cli.render.blocks import NOTHING, packed
from convirza_mcp.clock.durations import duration_text
from convirza_mcp.questions.summary import Figures, GroupFigures, InboxSummary
from convirza_mcp.rules.summary import ResponseTimes, share_text

_WIDEST_BAR = 30
_SHORTEST_BAR = 8
_WIDEST_NAME = 40
_GAP = 2
_NAMES = {
    "agent": "Agent",
    "phone_number": "Line",
    "status": "Status",
    "day": "Day",
    "weekday": "Weekday",
    "hour": "Hour",
}
_TIMES = ("Count", "Missing", "Median", "p90", "Within 5m", "Within 15m")
_LOW = ("Conversations", "Unread", "Waiting", "First median", "First p90", "Within 15m")
_HIGH = ("Conver-\nsations", "Unread", "Waiting", "First\nmedian", "First\np90", "Within\n15m")

Rows = Sequence[Sequence[Text]]


def overview(total: Figures, width: int) -> Table:
    unread = "bold yellow" if total.unread else ""
    waiting = "bold yellow" if total.waiting else ""
    figures = [
        ("Conversations", Text(str(total.conversations), "bold")),
        ("Waiting", Text(str(total.waiting), waiting)),
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
    return _table(headings, rows, _bars([count for _, count in bands], _room(headings, rows, width), "yellow"))


def response_times(total: Figures, width: int) -> Table:
    named = [("First", _times(total.first_response)), ("Average", _times(total.avg_response))]
    headings = ("Response time", *_TIMES)
    rows = [[Text(name), *figures] for name, figures in named]
    if _room(headings, rows, width) >= 0:
        return _table(headings, rows)
    beside = zip(*(figures for _, figures in named), strict=True)
    turned = [[Text(heading), *figures] for heading, figures in zip(_TIMES, beside, strict=True)]
    return _table(("Response time", *(name for name, _ in named)), turned)


def groups(by: str, lines: Sequence[GroupFigures], width: int) -> Table | Text:
    # As Text: a name that looks like the library's own markup stays a name.
    rows = [[Text(line.label), *_figures(line.figures)] for line in lines]
    for headings in (_LOW, _HIGH):
        room = _room((_NAMES[by], *headings), rows, width)
        if room >= 0:
            bars = _bars([line.figures.conversations for line in lines], room, "cyan")
            return _table((_NAMES[by], *headings), rows, bars)
    return Text("\n\n").join(_block(name, figures, width) for name, *figures in rows)


def _figures(figures: Figures) -> list[Text]:
    first = figures.first_response
    return [
        Text(str(figures.conversations)),
        Text(str(figures.unread)),
        Text(str(figures.waiting)),
        Text(duration_text(first.median_seconds) or NOTHING),
        Text(duration_text(first.p90_seconds) or NOTHING),
        Text(share_text(first.within_15m, first.count) or NOTHING),
    ]


def _times(times: ResponseTimes) -> list[Text]:
    return [
        Text(str(times.count)),
        Text(str(times.missing)),
        Text(duration_text(times.median_seconds) or NOTHING),
        Text(duration_text(times.p90_seconds) or NOTHING),
        Text(share_text(times.within_5m, times.count) or NOTHING),
        Text(share_text(times.within_15m, times.count) or NOTHING),
    ]


def _block(name: Text, figures: Sequence[Text], width: int) -> Text:
    conversations, unread, waiting, median, p90, within = figures
    title = name.copy()
    title.stylize_before("bold")
    noun = " conversation" if conversations.plain == "1" else " conversations"
    counts = [Text.assemble(conversations, noun), Text.assemble(unread, " unread"), Text.assemble(waiting, " waiting")]
    times = [Text.assemble("first ", median), Text.assemble("p90 ", p90), Text.assemble(within, " within 15m")]
    return Text("\n").join([title, packed(counts, width), packed(times, width)])


def _room(headings: Sequence[str], rows: Rows, width: int) -> int:
    """What is left of the width beside these columns; below 0 they do not fit."""
    widest = [
        max([*map(len, heading.split("\n")), *(row[place].cell_len for row in rows)])
        for place, heading in enumerate(headings)
    ]
    # A long name is cut; a figure never is.
    widest[0] = min(widest[0], _WIDEST_NAME)
    return width - sum(widest) - _GAP * (len(headings) - 1)


def _bars(counts: Sequence[int], room: int, color: str) -> list[Bar] | None:
    """A bar for each row, as long as the room allows; None where it is too little."""
    width = min(_WIDEST_BAR, room - _GAP)
    if width < _SHORTEST_BAR:
        return None
    most = max(1, *counts)
    return [Bar(size=most, begin=0, end=count, width=width, color=color) for count in counts]


def _table(headings: Sequence[str], rows: Rows, bars: Sequence[Bar] | None = None) -> Table:
    """A table of a name and figures, with the bars behind the first figure."""
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
