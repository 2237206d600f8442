"""`convirza-mcp serve`: what MCP clients start. `python -m convirza_mcp serve` starts it without this module."""

import click

from convirza_mcp.transports.start import start


@click.command("serve")
@click.option("--demo", is_flag=True, help="Serve an invented inbox; no account needed. As CONVIRZA_DEMO=true does.")
@click.option(
    "--from-form",
    is_flag=True,
    help="The settings come from a client's form: an empty one is not set, and each call says what is wrong with one.",
)
def command(demo: bool, from_form: bool) -> None:
    """Serve MCP over stdin and stdout."""
    start(demo=demo, from_form=from_form)
