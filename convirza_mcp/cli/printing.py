"""What a person sees on a terminal. Every text in it was cleaned on its way out of `inbox`."""

import os
from typing import Any

import click
from pydantic_core import to_json
from rich.console import Console
from rich.table import Table
from rich.text import Text

from convirza_mcp.cli.tables import HEADINGS, as_cells, conversation_table, with_unread_marked
from convirza_mcp.inbox import records
from convirza_mcp.tools.list_sms_conversations import ListedPage, note_on_nothing, unreadable

_WIDTH_WITHOUT_TERMINAL = 160
_NARROWEST_TABLE = 100


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
    table = conversation_table(HEADINGS.values())
    with_year = records.needs_years(listed.window, listed.page.conversations)
    for conversation in listed.page.conversations:
        cells = as_cells(records.compact_row(conversation, listed.window, with_year=with_year))
        table.add_row(*with_unread_marked(cells, conversation.unread_count))
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
