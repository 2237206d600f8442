"""`convirza-mcp reveal`: resolve an alias of the privacy mode, in a terminal only."""

import sys
from collections.abc import Iterator

import anyio
import click

from convirza_mcp.api.client import ConvirzaClient
from convirza_mcp.api.models import Conversation, ConversationQuery, View
from convirza_mcp.cli.demo_option import settings_of_command
from convirza_mcp.cli.options import tool_options
from convirza_mcp.cli.question import clock_of_command
from convirza_mcp.cli.render.progress import page_progress
from convirza_mcp.cli.terminal import is_terminal
from convirza_mcp.clock.window import Window
from convirza_mcp.errors import InvalidArgumentError
from convirza_mcp.privacy.aliases import Aliases, alias_key, is_person, parse_alias
from convirza_mcp.questions.scope import DEFAULT_DAYS
from convirza_mcp.scan.cache import Progress
from convirza_mcp.scan.overlap_scan import OverlapScan
from convirza_mcp.settings import Settings
from convirza_mcp.text.fold import on_one_line
from convirza_mcp.tools.schema import Arguments, EndArgument, StartArgument, read_arguments

_NOT_A_TERMINAL = (
    "reveal runs only for a person: standard input and output must be a terminal, not a pipe, a file or another "
    "program."
)
_VIEWS: tuple[View, ...] = ("allOpen", "close")

Person = tuple[str, str]
"""A name and a number for display; empty if missing."""


class RevealArguments(Arguments):
    start: StartArgument = None
    end: EndArgument = None


@click.command("reveal", short_help="Show the name and number behind an alias.")
@click.argument("alias")
@tool_options(RevealArguments)
@click.pass_context
def command(ctx: click.Context, /, alias: str, **given: str | None) -> None:
    """Show the name and number behind an ALIAS, by reading the window again.

    Nothing is stored: there is no table of contacts on disk. A person- alias stands for a name, so all contacts of that
    name are listed. Exits with 1 if no contact in the window has the alias.
    """
    if not (is_terminal(sys.stdin) and is_terminal(sys.stdout)):
        click.echo(f"convirza-mcp: {_NOT_A_TERMINAL}", err=True)
        ctx.exit(2)
    wanted = parse_alias(alias)
    if wanted is None:
        raise InvalidArgumentError("alias", "ALIAS takes contact- or person- and ten letters, as shown in an answer.")
    arguments = read_arguments(RevealArguments, given)
    settings = settings_of_command()
    window = Window.read(
        arguments.start, arguments.end, now=clock_of_command()(), zone=settings.zone, default_days=DEFAULT_DAYS
    )
    people = anyio.run(_find, wanted, window, settings)
    for name, number in people:
        click.echo(f"{name or 'no name'} · {number or 'no number'}")
    if not people:
        click.echo(f"No contact in this window has this alias ({window}); --start 90d looks further back.", err=True)
        ctx.exit(1)


async def _find(alias: str, window: Window, settings: Settings) -> list[Person]:
    aliases = Aliases(settings.alias_key or alias_key())
    # Use the client itself, because the privacy mode's reader would show the alias again.
    async with ConvirzaClient.from_settings(settings) as client:
        with page_progress() as progress:
            return await _read_for(alias, client, window, aliases, progress)


async def _read_for(
    alias: str, client: ConvirzaClient, window: Window, aliases: Aliases, progress: Progress
) -> list[Person]:
    people: dict[Person, None] = {}
    start, end = window.bounds
    requests = 0
    for view in _VIEWS:
        pages = OverlapScan(client, ConversationQuery(type=view, start=start, end=end))
        while (page := await pages.next_page()) is not None:
            requests += 1
            await progress(requests, None)
            people |= dict.fromkeys(_behind(alias, page.conversations, aliases))
            if people and not is_person(alias):
                # The latest conversation has the present name. A name may belong to several people, so look for all of
                # them.
                return list(people)[:1]
    return list(people)


def _behind(alias: str, rows: tuple[Conversation, ...], aliases: Aliases) -> Iterator[Person]:
    made = aliases.of_name if is_person(alias) else aliases.of_number
    for row in rows:
        if made(row.source_name if is_person(alias) else row.source) == alias:
            yield on_one_line(row.source_name), on_one_line(row.source)
