"""`convirza-mcp serve`, the command of MCP clients. `python -m convirza_mcp serve` starts without this module."""

import click

from convirza_mcp.errors import InvalidArgumentError
from convirza_mcp.transports.start import start

_LOOPBACK, _PORT = "127.0.0.1", 8788


@click.command("serve")
@click.option("--demo", is_flag=True, help="Serve the demo inbox; no account needed. Same as CONVIRZA_DEMO=true.")
@click.option(
    "--from-form",
    is_flag=True,
    help="Settings come from a client's form: empty means unset, and each call reports an invalid one.",
)
@click.option("--http", is_flag=True, help="Serve many clients over streamable HTTP, as docs/team.md describes.")
@click.option("--host", help=f"With --http, the address to bind.  [default: {_LOOPBACK}]")
@click.option(
    "--port", type=click.IntRange(0, 65535), help=f"With --http, the port; 0 takes a free one.  [default: {_PORT}]"
)
def command(demo: bool, from_form: bool, http: bool, host: str | None, port: int | None) -> None:
    """Serve MCP over stdin and stdout, or with --http over HTTP."""
    if not http:
        if host is not None or port is not None:
            raise InvalidArgumentError("http", "`--host` and `--port` need `--http`.")
        start(demo=demo, from_form=from_form)
    if from_form:
        raise InvalidArgumentError("from_form", "`--from-form` is for clients that start the server over stdio.")
    # Imported here: a server over stdio needs none of it.
    from convirza_mcp.transports.http.serve import serve_http

    serve_http(_LOOPBACK if host is None else host, _PORT if port is None else port, demo=demo)
