"""`convirza-mcp serve`: what MCP clients start."""

import os
import sys
from collections.abc import Mapping
from contextlib import AbstractAsyncContextManager, nullcontext
from functools import partial
from typing import TYPE_CHECKING

import click

from convirza_mcp.accounts.account import account_settings
from convirza_mcp.api.models import RefusingReader
from convirza_mcp.errors import SettingsError
from convirza_mcp.settings import Settings, demo_wanted, for_the_demo, refused_variables, without_blanks
from convirza_mcp.transports.stdio.serve import serve

if TYPE_CHECKING:
    # The server imports both, when nothing that is printed reaches the wire any more.
    from convirza_mcp.api.models import ConversationReader

HOW_TO_CONNECT = """\
This is an MCP server: a client starts it and speaks to it over stdin and stdout, so there is nothing to type here.
Connect one: `convirza-mcp login`, then `convirza-mcp install claude-desktop`. Or try `convirza-mcp demo`."""


@click.command("serve")
@click.option("--demo", is_flag=True, help="Serve an invented inbox; no account needed. As CONVIRZA_DEMO=true does.")
@click.option(
    "--from-form",
    is_flag=True,
    help="The settings come from a client's form: an empty one is not set, and each call says what is wrong with one.",
)
def command(demo: bool, from_form: bool) -> None:
    """Serve MCP over stdin and stdout."""
    if sys.stdin is not None and sys.stdin.isatty():
        click.echo(HOW_TO_CONNECT, err=True)
    environ = without_blanks(os.environ) if from_form else dict(os.environ)
    if from_form and (refused := _refused(environ, demo=demo)):
        sentence = f"{' '.join(refused)} Correct that where this server's settings were filled in, then start it anew."
        click.echo(f"convirza-mcp: {sentence}", err=True)
        serve(Settings(), lambda: nullcontext(RefusingReader(sentence)))
    with account_settings(environ, demo=demo) as settings:
        serve(settings, partial(_client_or_refusal, settings) if from_form else None)


def _client_or_refusal(settings: Settings) -> "AbstractAsyncContextManager[ConversationReader]":
    from convirza_mcp.api.client import ConvirzaClient

    try:
        return ConvirzaClient.from_settings(settings)
    except SettingsError as error:
        # Such as a proxy of the system's that is none.
        return nullcontext(RefusingReader(str(error)))


def _refused(environ: Mapping[str, str], *, demo: bool) -> list[str]:
    """What is wrong with the settings, a sentence each; the demo does not mind what is wrong with the account's."""
    refused = refused_variables(environ)
    if demo or ("CONVIRZA_DEMO" not in refused and demo_wanted(environ)):
        refused = refused_variables(for_the_demo(environ))
    return [*refused.values()]
