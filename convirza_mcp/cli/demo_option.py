"""The `--demo` option: use the demo inbox instead of the configured account."""

import click

from convirza_mcp.accounts.account import account_settings
from convirza_mcp.clock.zones import ASSUMED_UTC
from convirza_mcp.settings import Settings

_DEMO = "convirza_mcp.demo"
# A reminder on stderr: CONVIRZA_DEMO is easily forgotten, and demo rows could be taken for real ones.
_DEMO_NOTICE = "Demo inbox: all people and messages are made up."


def _keep(context: click.Context, _parameter: click.Parameter, demo: bool) -> None:
    context.meta[_DEMO] = demo


demo_option = click.option(
    "--demo",
    is_flag=True,
    expose_value=False,
    callback=_keep,
    help="Use the demo inbox; no account needed. Same as CONVIRZA_DEMO=true.",
)
"""Option for a command that reads its settings with `settings_of_command`."""


def settings_of_command() -> Settings:
    """Return the settings of the running command; a demo inbox lasts as long as the command.

    Raises:
        SettingsError: a variable's value cannot be used.
    """
    context = click.get_current_context()
    settings = context.with_resource(account_settings(demo=context.meta[_DEMO]))
    if settings.demo:
        click.echo(_DEMO_NOTICE, err=True)
    if settings.zone is ASSUMED_UTC:
        click.echo("No time zone found: days and times are UTC. Set CONVIRZA_TIMEZONE.", err=True)
    return settings
