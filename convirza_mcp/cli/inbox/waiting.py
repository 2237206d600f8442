"""`convirza-mcp waiting`: who waits for a reply, for a terminal, a script or an alert."""

import sys
from dataclasses import replace
from typing import Any

import anyio
import click
from rich.console import Console

from convirza_mcp.accounts.account import open_context
from convirza_mcp.answers import records
from convirza_mcp.answers.privacy_line import privacy_part
from convirza_mcp.answers.rows import keyed_waiting, waiting_row
from convirza_mcp.api.client import ConvirzaClient
from convirza_mcp.cli.demo_option import settings_of_command
from convirza_mcp.cli.options import IN_COMMANDS, tool_options
from convirza_mcp.cli.render.console import console, print_json, say, say_incomplete, say_privacy, say_unreadable
from convirza_mcp.cli.render.documents import coverage_document, window_document
from convirza_mcp.cli.render.progress import page_progress
from convirza_mcp.cli.render.waiting_list import print_waiting
from convirza_mcp.clock.durations import DAY, read_age, wait_text
from convirza_mcp.errors import ConvirzaError, InvalidArgumentError, SettingsError
from convirza_mcp.rules.waiting import Waiting
from convirza_mcp.settings import Settings
from convirza_mcp.tools.list_waiting_sms_conversations import WaitingArguments, WaitingFound, find_waiting
from convirza_mcp.tools.schema import read_arguments

_LONGEST_DAYS = 9_999
_LATE = 1
_UNKNOWN = 3


@click.command("waiting")
@tool_options(WaitingArguments)
@click.option("--max-wait", metavar="AGE", help="List only who waits longer than 30m, 24h or 7d; exit with 1 if any.")
@click.option("--json", "as_json", is_flag=True, help="One JSON object with a fixed set of keys, for programs.")
def command(as_json: bool, max_wait: str | None, **given: Any) -> None:
    """List who waits for a reply, longest first.

    With --max-wait it exits with 1 when somebody waits longer, with 0 when nobody does, and with 3 when that cannot
    be told: Convirza did not answer, or not all was read. Waits count within CONVIRZA_BUSINESS_HOURS, where these
    are set.
    """
    arguments = read_arguments(WaitingArguments, given)
    allowed = None if max_wait is None else _seconds(max_wait)
    settings = settings_of_command()
    try:
        found = anyio.run(_ask, arguments, settings)
    except (InvalidArgumentError, SettingsError):
        raise
    except ConvirzaError as error:
        if allowed is None:
            raise
        click.echo(f"convirza-mcp: {error}", err=True)
        sys.exit(_UNKNOWN)
    listed = found.long_enough
    if allowed is not None:
        listed = [each for each in listed if each.is_longer_than(allowed)]
    shown = listed[: arguments.limit]
    if as_json:
        print_json(_document(found, allowed, shown, len(listed)) | privacy_part(settings.privacy))
    else:
        out = console()
        _print(out, found, allowed, shown, len(listed))
        say_privacy(out, settings.privacy)
    if allowed is not None and listed:
        sys.exit(_LATE)
    if allowed is not None and found.inbox.coverage.gap is not None:
        sys.exit(_UNKNOWN)


async def _ask(arguments: WaitingArguments, settings: Settings) -> WaitingFound:
    async with open_context(ConvirzaClient.from_settings(settings), settings) as context:
        with page_progress() as progress:
            return await find_waiting(arguments, replace(context, progress=progress))


def _seconds(age: str) -> int:
    seconds = read_age(age)
    if seconds is None:
        raise InvalidArgumentError("max_wait", "`--max-wait` takes an age such as 90m, 24h, 7d or 2w.")
    if seconds > _LONGEST_DAYS * DAY:
        raise InvalidArgumentError("max_wait", f"`--max-wait` takes at most {_LONGEST_DAYS}d.")
    return seconds


def _document(found: WaitingFound, allowed: int | None, shown: list[Waiting], listed: int) -> dict[str, Any]:
    window, coverage = found.inbox.window, found.inbox.coverage
    hours = found.clock.hours
    return {
        "type": found.arguments.type,
        "window": window_document(window),
        "business_hours": None if hours.is_round_the_clock else hours.text,
        "waiting": len(found.everyone.ranked),
        "max_wait_seconds": allowed,
        "listed": listed,
        "left_out": listed - len(shown),
        "unknown_waits": found.everyone.unknown_waits,
        "read_but_incoming": found.everyone.read_but_incoming,
        "coverage": coverage_document(coverage, window),
        "conversations": [keyed_waiting(each, window) for each in shown],
    }


def _print(out: Console, found: WaitingFound, allowed: int | None, shown: list[Waiting], listed: int) -> None:
    coverage, window = found.inbox.coverage, found.inbox.window
    longest = wait_text(allowed, days=found.clock.hours.is_round_the_clock)
    with_year = records.needs_years(window, [each.conversation for each in shown])
    print_waiting(
        out,
        [waiting_row(each, found.clock, window, with_year=with_year) for each in shown],
        waiting=len(found.everyone.ranked),
        read_but_incoming=found.everyone.read_but_incoming,
        asked=f"{found.arguments.type} · {window} · {found.clock}",
        late="" if longest is None else f" · {listed} longer than {longest}",
    )
    say_incomplete(out, None if coverage.gap is None else str(coverage.gap))
    say_unreadable(out, coverage.unreadable_counts)
    for note in found.notes(IN_COMMANDS):
        say(out, note)
