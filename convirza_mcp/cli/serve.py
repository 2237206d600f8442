"""`convirza-mcp serve`: what MCP clients start."""

import os
import sys
from dataclasses import replace

import click

from convirza_mcp.config import Settings
from convirza_mcp.transports import stdio

HOW_TO_CONNECT = """\
This is an MCP server: a client starts it and speaks to it over stdin and stdout, so there is nothing to type here.
Run `convirza-mcp login` and connect one: `claude mcp add convirza -- convirza-mcp`. Or try `convirza-mcp demo`."""


_ACCOUNT = ("CONVIRZA_TOKEN", "CONVIRZA_TOKEN_FILE", "CONVIRZA_BASE_URL", "CONVIRZA_OAUTH_URL")


@click.command("serve")
@click.option("--demo", is_flag=True, help="Serve an invented inbox; no account needed.")
def command(demo: bool) -> None:
    """Serve MCP over stdin and stdout."""
    if sys.stdin is not None and sys.stdin.isatty():
        click.echo(HOW_TO_CONNECT, err=True)
    if not demo:
        stdio.serve(Settings.from_environment())
    # Only the demo needs a web server's imports.
    from convirza_mcp.sandbox import Sandbox

    # Everything but the account is as it was set.
    settings = Settings.from_environment({name: value for name, value in os.environ.items() if name not in _ACCOUNT})
    with Sandbox() as sandbox:
        stdio.serve(replace(settings, base_url=sandbox.base_url, token=sandbox.token))
