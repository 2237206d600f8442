"""`convirza-mcp keys`: the access keys of a server over HTTP."""

import time
from datetime import UTC, datetime, tzinfo

import click

from convirza_mcp.api.login.oauth import local_text
from convirza_mcp.clock.durations import read_age
from convirza_mcp.errors import InvalidArgumentError
from convirza_mcp.settings import Settings
from convirza_mcp.setup.clients.remote import remote_entries
from convirza_mcp.transports.http.authentication.keys import KeyFile
from convirza_mcp.transports.http.settings import DEFAULT_URL, HttpSettings


@click.group("keys", short_help="Make, list and remove access keys of a server over HTTP.")
def command() -> None:
    """Manage the access keys of `convirza-mcp serve --http` with CONVIRZA_HTTP_AUTH=keys.

    A running server reads a change within a second. Only hashes of the keys are stored.
    """


@command.command("add", short_help="Make a key, and print the entry for each client.")
@click.argument("label")
@click.option("--expires", metavar="AGE", help="When the key ends, as in 90d; by default never.")
@click.option("--quiet", is_flag=True, help="Print the key alone, without the clients' entries.")
def add(label: str, expires: str | None, quiet: bool) -> None:
    """Make a key for one person or program, and print what goes into each client.

    The key is shown once. LABEL appears in `keys list` and in the server's log: use a name, not an e-mail address.
    """
    http, zone = HttpSettings.from_environment(), Settings.from_environment().zone
    seconds = None if expires is None else read_age(expires)
    if expires is not None and not seconds:
        raise InvalidArgumentError("expires", "`--expires` takes an age such as 90d or 24h.")
    ends = None if seconds is None else int(time.time()) + seconds
    key = KeyFile(http.http_keys_file).add(label, ends)
    click.echo(key)
    if quiet:
        return
    click.echo(f"\nThis is the only time that the key is shown. It {_end('ends', ends, zone)}.")
    for client, entry in remote_entries(http.http_url or DEFAULT_URL, key).items():
        click.echo(f"\n{client}:\n\n{entry}", nl=False)


@command.command("list")
def list_keys() -> None:
    """List the keys: label, when it was made, when it ends. The keys themselves are stored nowhere."""
    zone = Settings.from_environment().zone
    keys = KeyFile(HttpSettings.from_environment().http_keys_file).read()
    if not keys:
        click.echo("No access keys. `convirza-mcp keys add LABEL` makes one.", err=True)
    width = max((len(each.label) for each in keys), default=0)
    for each in keys:
        end = _end("ended" if each.is_expired else "ends", each.expires_at, zone)
        click.echo(f"{each.label:{width}}  made {_when(each.created_at, zone)}  {end}")


@command.command("remove")
@click.argument("label")
def remove(label: str) -> None:
    """Remove a key. A running server refuses it within a second, and ends its open streams."""
    if not KeyFile(HttpSettings.from_environment().http_keys_file).remove(label):
        raise InvalidArgumentError("label", "No key has this `label`.", remedy="`convirza-mcp keys list` shows them.")
    click.echo("Removed.")


def _end(verb: str, moment: int | None, zone: tzinfo) -> str:
    return "never ends" if moment is None else f"{verb} {_when(moment, zone)}"


def _when(moment: int, zone: tzinfo) -> str:
    return local_text(datetime.fromtimestamp(moment, UTC), zone)
