"""`convirza-mcp sandbox`: a stand-in for the Convirza API, for tests without an account."""

import shlex
from datetime import datetime
from typing import Any

import click

from convirza_mcp.sandbox.http.variants import VARIANTS

_VARIANTS = "\b\n" + "\n".join(f"{name}: {sentence}" for name, sentence in VARIANTS.items())


@click.command(
    "sandbox",
    short_help="Serve the demo inbox as an API on this machine.",
    epilog=f"Variants:\n\n{_VARIANTS}",
    context_settings={"show_default": True},
)
@click.option("--port", type=click.IntRange(0, 65535), default=8787, help="Port on 127.0.0.1; 0 picks a free one.")
@click.option("--conversations", type=click.IntRange(0, 100_000), default=400, help="Number of conversations.")
@click.option("--seed", type=int, default=7, help="The same seed makes the same inbox, except for its times.")
@click.option("--token", default="sandbox-token", help="The bearer token to accept.")
@click.option(
    "--variant",
    "variants",
    type=click.Choice(list(VARIANTS)),
    metavar="NAME",
    multiple=True,
    help="Behavior to use where the documentation is silent; can be repeated.",
)
@click.option(
    "--now", metavar="TIME", help="Date the inbox to this time, such as 2026-11-20T17:00:00Z, and stop its clock."
)
@click.option("--delay", type=click.FloatRange(min=0), default=0.0, help="Delay of each answer, in seconds.")
@click.option(
    "--hostile",
    is_flag=True,
    help="Add texts that attack a reader to the inbox: injections, hidden characters, terminal sequences, ... "
    "Error answers carry them too: to requests with offset=1000000, 1000001, and so on.",
)
def command(token: str, variants: tuple[str, ...], now: str | None, **options: Any) -> None:
    """Serve a made-up SMS inbox as the Convirza API would, on this machine only, until stopped.

    The three lines it prints point convirza-mcp to it. To try `convirza-mcp login`, set the first two only and log in
    as demo@example.com with the password sandbox, or as another user: user502@example.com with sandbox-502, and so on.
    """
    # Imported here, so that listing the commands does not import the web server.
    from convirza_mcp.sandbox import PortError, Sandbox

    try:
        inbox = Sandbox(token=token, variants=variants, now=None if now is None else _moment(now), **options)
    except ValueError as refused:
        raise click.UsageError(f"{refused}.") from None

    def announce() -> None:
        click.echo(f"export CONVIRZA_BASE_URL={inbox.base_url}")
        click.echo(f"export CONVIRZA_OAUTH_URL={inbox.oauth_url}")
        click.echo(f"export CONVIRZA_TOKEN={shlex.quote(inbox.token)}")

    try:
        inbox.serve_forever(announce)
    except PortError as refused:
        raise click.ClickException(str(refused)) from None


def _moment(text: str) -> datetime:
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        moment = None
    if moment is None or moment.utcoffset() is None:
        raise click.UsageError("`--now` takes a date-time with its zone, such as 2026-11-20T17:00:00Z.")
    return moment
