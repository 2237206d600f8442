"""`convirza-mcp waiting`: list who is waiting for a reply, for a terminal, a script or an alert."""

import sys
from dataclasses import replace
from functools import partial
from typing import Any

import click
from rich.console import Console

from convirza_mcp.accounts.account import Request
from convirza_mcp.answers import records
from convirza_mcp.answers.rows import WAITING_COLUMNS, keyed_waiting, waiting_row
from convirza_mcp.cli.failures import exit_on_failure
from convirza_mcp.cli.options import after_option, json_option, tool_options
from convirza_mcp.cli.question import run_question
from convirza_mcp.cli.render.console import print_remarks, say
from convirza_mcp.cli.render.documents import coverage_document, window_document
from convirza_mcp.cli.render.tables import as_cells, conversations
from convirza_mcp.clock.durations import DAY, read_age, wait_text
from convirza_mcp.errors import InvalidArgumentError
from convirza_mcp.questions.waiting import WaitingConversations
from convirza_mcp.tools.list_waiting_sms_conversations import WaitingArguments, find
from convirza_mcp.tools.schema import read_arguments

_LONGEST_DAYS = 9_999
_LATE = 1
_UNKNOWN = 3


@click.command("waiting")
@tool_options(WaitingArguments)
@click.option("--max-wait", metavar="AGE", help="List only waits longer than 30m, 24h or 7d; exit with 1 if any.")
@json_option
def command(as_json: bool, max_wait: str | None, **given: Any) -> None:
    """List who is waiting for a reply, longest wait first.

    With --max-wait, exits with 1 if a contact has waited longer, with 0 if none has, and with 3 if that is unknown:
    Convirza did not answer, or the read was incomplete. Waits count within CONVIRZA_BUSINESS_HOURS if set.
    """
    arguments = read_arguments(WaitingArguments, given)
    allowed = None if max_wait is None else _seconds(max_wait)
    if allowed is not None:
        exit_on_failure(_UNKNOWN)

    async def find_longer(arguments: WaitingArguments, request: Request) -> WaitingConversations:
        found = await find(arguments, request)
        return replace(found, rows=tuple(each for each in found.rows if each.is_longer_than(allowed or 0)))

    document, show = partial(_document, allowed=allowed), partial(_show, allowed=allowed)
    found = run_question(find if allowed is None else find_longer, arguments, document, show, as_json=as_json)
    if allowed is not None and found.rows:
        sys.exit(_LATE)
    if allowed is not None and not found.tells_all:
        sys.exit(_UNKNOWN)


def _seconds(age: str) -> int:
    seconds = read_age(age)
    if seconds is None:
        raise InvalidArgumentError("max_wait", "`--max-wait` takes an age such as 90m, 24h, 7d or 2w.")
    if seconds > _LONGEST_DAYS * DAY:
        raise InvalidArgumentError("max_wait", f"`--max-wait` takes at most {_LONGEST_DAYS}d.")
    return seconds


def _document(found: WaitingConversations, arguments: WaitingArguments, *, allowed: int | None) -> dict[str, Any]:
    window, hours, shown = found.window, found.clock.hours, found.rows[: arguments.limit]
    return {
        "type": arguments.type,
        **found.narrowing.document(),
        "window": window_document(window),
        "business_hours": None if hours.is_round_the_clock else hours.text,
        "waiting": found.waiting,
        "max_wait_seconds": allowed,
        "listed": found.listed,
        "left_out": len(found.rows) - len(shown),
        "older_open": found.older_open,
        "unknown_waits": found.unknown_waits,
        "read_but_incoming": found.read_but_incoming,
        "coverage": coverage_document(found.coverage, window),
        "conversations": [keyed_waiting(each, window) for each in shown],
    }


def _show(out: Console, found: WaitingConversations, arguments: WaitingArguments, *, allowed: int | None) -> None:
    window, clock, shown = found.window, found.clock, found.rows[: arguments.limit]
    with_year = records.needs_years(window, [each.conversation for each in shown])
    rows = [as_cells(WAITING_COLUMNS, waiting_row(each, clock, window, with_year=with_year)) for each in shown]
    if rows:
        out.print(conversations(WAITING_COLUMNS, rows, out.width))
    longest = wait_text(allowed, days=clock.hours.is_round_the_clock)
    late = "" if longest is None else f" · {len(found.rows)} longer than {longest}"
    read = f"{found.read_but_incoming} read but incoming"
    scope = f"{arguments.type} · {window} · {clock}"
    say(out, f"{len(shown)} shown of {found.waiting} waiting{late} · {read} · {scope}")
    if len(shown) < len(found.rows):
        say(out, f"{after_option(shown[-1].conversation)} for shorter waits")
    print_remarks(out, found.coverage, found.notes, found.narrowing)
