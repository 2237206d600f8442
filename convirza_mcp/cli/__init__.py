"""The commands: thin code that prints the results of the layers below."""

import gc
import sys
from importlib import import_module
from typing import Any

import click

from convirza_mcp.cli.failures import remember_arguments, report
from convirza_mcp.cli.terminal import is_terminal

_INBOX = ("changes", "export", "get", "list", "report", "reveal", "search", "summary", "waiting")
_ADMIN = (
    "demo",
    "doctor",
    "grants",
    "install",
    "keys",
    "login",
    "logout",
    "sandbox",
    "serve",
    "status",
    "uninstall",
)
_FOLDERS = dict.fromkeys(_INBOX, "inbox") | dict.fromkeys(_ADMIN, "admin")
"""Folder of each command's module."""


class Commands(click.Group):
    """Command group that imports a command's module when it is used, so that `serve` starts fast."""

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name not in _FOLDERS:
            return None
        command: click.Command = import_module(f"convirza_mcp.cli.{_FOLDERS[cmd_name]}.{cmd_name}").command
        # `main` stopped garbage collection for the imports; never scan the objects that they made.
        gc.freeze()
        gc.enable()
        return command

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        # A script with the line ends of Windows leaves a carriage return at the end of a command.
        args = _with_hyphens([each.rstrip("\r\n") for each in args], self, ctx)
        remember_arguments(ctx, args)
        return super().parse_args(ctx, args)

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        name, command, rest = super().resolve_command(ctx, args)
        return name, command, rest if command is None else _with_hyphens(rest, command, ctx)

    def invoke(self, ctx: click.Context) -> Any:
        try:
            return super().invoke(ctx)
        except KeyboardInterrupt:
            # A new line for the shell's prompt, and the status that shells give after Ctrl-C.
            click.echo(err=True)
            ctx.exit(130)
        except (click.exceptions.Exit, click.Abort, BrokenPipeError):
            # EPIPE means that the reader left; click ends quietly.
            raise
        except Exception as error:
            # With --json, unknown faults are printed too, and then raised.
            name = ctx.invoked_subcommand
            command = None if name is None else self.get_command(ctx, name)
            if (status := report(ctx, command, error)) is None:
                raise
            ctx.exit(status)


def _with_hyphens(arguments: list[str], command: click.Command, ctx: click.Context) -> list[str]:
    """Return the arguments with hyphens in options, which text editors turn into dashes: `—json`, `--group–by`."""
    if all(map(str.isascii, arguments)):
        return arguments
    # Imported here, because few arguments need it.
    from convirza_mcp.text.typed import with_plain_dashes

    below = command.commands.values() if isinstance(command, click.Group) else ()
    known = {name for each in (command, *below) for parameter in each.get_params(ctx) for name in parameter.opts}
    read = list(arguments)
    for place, argument in enumerate(arguments[: arguments.index("--")] if "--" in arguments else arguments):
        name, equals, value = argument.partition("=")
        option = f"--{with_plain_dashes(name).lstrip('-')}"
        if option in known and not name.isascii():
            read[place] = f"{option}{equals}{value}"
    return read


@click.group(
    cls=Commands,
    # Names alone, for the help and for suggestions.
    commands=dict.fromkeys(_FOLDERS, click.Command(None)),
    invoke_without_command=True,
    context_settings={"help_option_names": ["-h", "--help"]},
    epilog="Settings are read from the environment: CONVIRZA_TIMEZONE and others, as docs/settings.md lists them.",
)
@click.version_option(package_name="convirza-mcp", message="%(prog)s %(version)s")
@click.pass_context
def commands(ctx: click.Context) -> None:
    """Read a Convirza SMS inbox, for AI assistants and for people. Read-only.

    Without a command, serve MCP over stdin and stdout, as MCP clients expect.
    """
    if ctx.invoked_subcommand is not None:
        return
    from convirza_mcp.cli.admin.serve import command
    from convirza_mcp.transports.start import HOW_TO_CONNECT

    if is_terminal(sys.stdin):
        click.echo(HOW_TO_CONNECT, err=True)
    else:
        ctx.invoke(command)
