"""`convirza-mcp serve`: what MCP clients start."""

import os
import sys
from dataclasses import replace

import click

from convirza_mcp.config import Settings, demo_wanted, for_the_demo, without_blanks
from convirza_mcp.transports import stdio

HOW_TO_CONNECT = """\
This is an MCP server: a client starts it and speaks to it over stdin and stdout, so there is nothing to type here.
Connect one: `convirza-mcp login`, then `convirza-mcp install claude-desktop`. Or try `convirza-mcp demo`."""


@click.command("serve")
@click.option("--demo", is_flag=True, help="Serve an invented inbox; no account needed. As CONVIRZA_DEMO=true does.")
@click.option("--from-form", is_flag=True, help="The settings come from a client's form: an empty one is not set.")
def command(demo: bool, from_form: bool) -> None:
    """Serve MCP over stdin and stdout."""
    if sys.stdin is not None and sys.stdin.isatty():
        click.echo(HOW_TO_CONNECT, err=True)
    environ = without_blanks(os.environ) if from_form else dict(os.environ)
    if not (demo or demo_wanted(environ)):
        stdio.serve(Settings.from_environment(environ))
    # Only the demo needs a web server's imports.
    from convirza_mcp.sandbox import Sandbox

    # Everything but the account is as it was set.
    settings = Settings.from_environment(for_the_demo(environ))
    with Sandbox() as sandbox:
        stdio.serve(replace(settings, base_url=sandbox.base_url, token=sandbox.token))
