"""Run one question as a command: settings and clock in, a table or a JSON document out.

Errors are raised as `convirza_mcp.errors` describes.
"""

from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from datetime import datetime
from typing import Any, TypeVar

import anyio
import click
from rich.console import Console

from convirza_mcp.accounts.account import Request, open_account
from convirza_mcp.answers.head import privacy_part
from convirza_mcp.api.client import ConvirzaClient
from convirza_mcp.cli.options import settings_of_command
from convirza_mcp.cli.render.console import console, print_json, print_privacy
from convirza_mcp.clock.window import Window, utc_now
from convirza_mcp.questions.scope import DEFAULT_DAYS
from convirza_mcp.scan.reading import Progress, no_progress
from convirza_mcp.settings import Settings
from convirza_mcp.tools.schema import ArgumentsType

Found = TypeVar("Found")
Document = Callable[[Found, ArgumentsType], dict[str, Any]]
Show = Callable[[Console, Found, ArgumentsType], str | None]
"""Prints the result; returns a last line to copy, if any."""


def clock_of_command() -> Callable[[], datetime]:
    """Return the clock of the running command. A program can pass another one as click's `obj`."""
    clock: Callable[[], datetime] = click.get_current_context().obj or utc_now
    return clock


def window_of_command(start: str | None, end: str | None, settings: Settings) -> Window:
    """Return the window of these options; without any, the last 30 days."""
    return Window.read(start, end, now=clock_of_command()(), zone=settings.zone, default_days=DEFAULT_DAYS)


def ask(question: Callable[[Request], Awaitable[Found]], settings: Settings) -> Found:
    """Return the question's result for the account of the settings, and show a progress bar meanwhile."""
    clock = clock_of_command()

    async def asked() -> Found:
        async with open_account(ConvirzaClient.from_settings(settings), settings, clock=clock) as account:
            with _page_progress() as progress:
                return await question(account.request(progress))

    return anyio.run(asked)


def run_question(
    find: Callable[[ArgumentsType, Request], Awaitable[Found]],
    arguments: ArgumentsType,
    document: "Document[Found, ArgumentsType]",
    show: "Show[Found, ArgumentsType]",
    *,
    as_json: bool,
) -> Found:
    """Run the question, print the answer and return the result."""
    settings = settings_of_command()
    found = ask(lambda request: find(arguments, request), settings)
    if as_json:
        print_json(document(found, arguments) | privacy_part(settings.privacy))
        return found
    out = console()
    last = show(out, found, arguments)
    print_privacy(out, settings.privacy)
    if last is not None:
        # Never wrapped, so that it can be copied.
        out.print(last, soft_wrap=True)
    return found


@contextmanager
def _page_progress() -> Iterator[Progress]:
    """Show a progress bar if stderr is a terminal, and yield its callback; the bar disappears when the block ends."""
    err = Console(stderr=True)
    # Ask the stream itself: FORCE_COLOR makes rich treat any stream as a terminal, and a log file must not get a bar.
    if not err.file.isatty() or not err.is_interactive:
        yield no_progress
        return
    # Imported here, because jobs and pipes have no bar.
    from rich import progress

    columns = ("Reading the inbox", progress.BarColumn(), progress.MofNCompleteColumn(), "pages")
    with progress.Progress(*columns, console=err, transient=True) as bars:
        bar = bars.add_task("pages", total=None)

        async def advance(pages: int, of: int | None) -> None:
            bars.update(bar, completed=pages, total=of)

        yield advance
