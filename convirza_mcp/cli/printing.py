"""What a person sees on a terminal. Every text in it was cleaned on its way out of `inbox`."""

from typing import Any

import click
from pydantic_core import to_json
from rich.console import Console
from rich.table import Table
from rich.text import Text

from convirza_mcp.inbox import records
from convirza_mcp.tools.list_sms_conversations import ListedPage

_WIDTH_WITHOUT_TERMINAL = 160
_COMPACT_HEADINGS = ("Id", "Updated", "Contact", "Number", "Unread", "Agent", "Latest message")


def console() -> Console:
    """Standard output; wide where no terminal says how wide it is."""
    out = Console(highlight=False)
    return out if out.is_terminal else Console(highlight=False, width=_WIDTH_WITHOUT_TERMINAL)


def print_json(document: dict[str, Any]) -> None:
    click.echo(to_json(document, indent=2).decode())


def print_conversations(listed: ListedPage, *, full: bool) -> None:
    out = console()
    if full:
        _print_in_full(out, listed)
    elif listed.page.conversations:
        out.print(_table(listed))
    out.print(_summary(listed), style="dim", soft_wrap=True)


def _table(listed: ListedPage) -> Table:
    table = Table(box=None, pad_edge=False, header_style="bold")
    for heading in _COMPACT_HEADINGS:
        message = heading == "Latest message"
        table.add_column(
            heading,
            justify="right" if heading == "Unread" else "left",
            no_wrap=not message,
            overflow="ellipsis",
            ratio=1 if message else None,
            max_width=None if message else 24,
        )
    with_year = records.needs_years(listed.window, listed.page.conversations)
    for conversation in listed.page.conversations:
        row = records.compact_row(conversation, listed.window, with_year=with_year)
        # As Text: a message that looks like the library's own markup stays a message.
        cells = [Text("–" if value is None else str(value)) for value in row]
        if conversation.unread_count:
            cells[4].stylize("bold yellow")
        table.add_row(*cells)
    return table


def _print_in_full(out: Console, listed: ListedPage) -> None:
    for conversation in listed.page.conversations:
        for name, value in records.keyed_record(conversation, listed.window).items():
            shown = "–" if value is None else str(value).replace("\n", "\n" + " " * 24)
            out.print(Text.assemble((f"{name:<22}  ", "bold"), shown), soft_wrap=True)
        out.print()


def _summary(listed: ListedPage) -> str:
    total = "an unknown number" if listed.page.total is None else str(listed.page.total)
    shown = len(listed.page.conversations)
    following = listed.next_offset()
    more = "" if following is None else f" · next page: --offset {following}"
    return f"{shown} of {total} · {listed.query.type} · {listed.window}{more}"
