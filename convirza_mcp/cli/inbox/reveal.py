"""`convirza-mcp reveal`: resolve an alias of the privacy mode, in a terminal only."""

import sys
from contextlib import aclosing
from dataclasses import replace

import click

from convirza_mcp.accounts.account import Request
from convirza_mcp.api.models import Conversation, View
from convirza_mcp.cli.options import settings_of_command, tool_options
from convirza_mcp.cli.question import ask, window_of_command
from convirza_mcp.cli.terminal import is_terminal
from convirza_mcp.clock.window import Window
from convirza_mcp.errors import InvalidArgumentError
from convirza_mcp.privacy.aliases import Aliases, alias_key, is_person, parse_alias
from convirza_mcp.questions.scan import Scan
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
    # The privacy mode would show the alias again.
    settings = replace(settings_of_command(), privacy="off")
    window = window_of_command(arguments.start, arguments.end, settings)
    aliases = Aliases(settings.alias_key or alias_key())
    people = ask(lambda request: _find(wanted, aliases, request, window), settings)
    for name, number in people:
        click.echo(f"{name or 'no name'} · {number or 'no number'}")
    if not people:
        click.echo(f"No contact in this window has this alias ({window}); --start 90d looks further back.", err=True)
        ctx.exit(1)


async def _find(alias: str, aliases: Aliases, request: Request, window: Window) -> list[Person]:
    def has_alias(row: Conversation) -> bool:
        made = aliases.of_name(row.source_name) if is_person(alias) else aliases.of_number(row.source)
        return made == alias

    people: dict[Person, None] = {}
    for view in _VIEWS:
        async with aclosing(Scan(request, window, view=view).pages()) as pages:
            async for page in pages:
                found = [each.conversation for each in page if has_alias(each.conversation)]
                people |= dict.fromkeys((on_one_line(each.source_name), on_one_line(each.source)) for each in found)
                if people and not is_person(alias):
                    # The latest conversation has the present name. A name may belong to several people.
                    return list(people)[:1]
    return list(people)
