"""What a person sees on a terminal. Every text in it was cleaned on its way out of `inbox`."""

import os
from typing import Any

import click
from pydantic_core import to_json
from rich.console import Console
from rich.table import Table
from rich.text import Text

from convirza_mcp.inbox import records
from convirza_mcp.tools.list_sms_conversations import ListedPage, note_on_nothing, unreadable

_WIDTH_WITHOUT_TERMINAL = 160
_NARROWEST_TABLE = 100
_COMPACT_HEADINGS = ("Id", "Updated", "Contact", "Number", "Unread", "Agent", "Latest message")


def console() -> Console:
    """Standard output; wide where no terminal says how wide it is."""
    out = Console(highlight=False)
    known = out.is_terminal or "COLUMNS" in os.environ
    return out if known else Console(highlight=False, width=_WIDTH_WITHOUT_TERMINAL)


def print_json(document: dict[str, Any]) -> None:
    click.echo(to_json(document, indent=2).decode())


def print_conversations(listed: ListedPage, *, full: bool) -> None:
    out = console()
    if full:
        _print_in_full(out, listed)
    elif listed.page.conversations:
        out.print(_table(listed) if out.width >= _NARROWEST_TABLE else _blocks(listed))
    out.print(_summary(listed), style="dim", soft_wrap=True)
    if not listed.page.received:
        out.print(note_on_nothing(listed), soft_wrap=True)
    if listed.page.unreadable or listed.page.dropped:
        out.print(unreadable(listed.page), soft_wrap=True)


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


def _blocks(listed: ListedPage) -> Text:
    """Two lines a conversation, for a terminal too narrow for seven columns."""
    with_year = records.needs_years(listed.window, listed.page.conversations)
    text = Text()
    for conversation in listed.page.conversations:
        number, updated, name, source, unread, agent, message = (
            "–" if value is None else str(value)
            for value in records.compact_row(conversation, listed.window, with_year=with_year)
        )
        text.append(f"{updated}  {name}  {source}", "bold")
        text.append(f"  {unread} unread" if unread not in ("0", "–") else "", "bold yellow")
        text.append(f"\n{message}\n")
        text.append(f"{agent} · {number}\n\n", "dim")
    text.rstrip()
    return text


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
