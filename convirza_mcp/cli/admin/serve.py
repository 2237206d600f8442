"""`convirza-mcp serve`, the command of MCP clients. `python -m convirza_mcp serve` starts without this module."""

import click

from convirza_mcp.transports.start import start


@click.command("serve")
@click.option("--demo", is_flag=True, help="Serve the demo inbox; no account needed. Same as CONVIRZA_DEMO=true.")
@click.option(
    "--from-form",
    is_flag=True,
    help="Settings come from a client's form: empty means unset, and each call reports an invalid one.",
)
def command(demo: bool, from_form: bool) -> None:
    """Serve MCP over stdin and stdout."""
    start(demo=demo, from_form=from_form)
