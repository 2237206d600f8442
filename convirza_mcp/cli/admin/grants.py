"""`convirza-mcp grants`: the clients that people have allowed on a server in mode `login`."""

from collections.abc import AsyncIterator
from contextlib import aclosing, asynccontextmanager
from datetime import UTC, datetime
from urllib.parse import urlsplit

import anyio
import click

from convirza_mcp.api.login.oauth import local_text
from convirza_mcp.errors import CredentialUnusableError, InvalidArgumentError
from convirza_mcp.settings import Settings
from convirza_mcp.store.opening import open_store
from convirza_mcp.store.sealed import SealedStore
from convirza_mcp.text.fold import on_one_line
from convirza_mcp.text.typed import strip_wrapping
from convirza_mcp.transports.http.login.grants.grant import Grant
from convirza_mcp.transports.http.login.grants.grants import Grants
from convirza_mcp.transports.http.login.grants.people import People
from convirza_mcp.transports.http.login.grants.tokens import LABEL_DIGITS, account_in

_SHORTEST = 6


@click.group("grants", short_help="List and end the access of clients in mode login.")
def command() -> None:
    """Show and end the access that people have given to clients, with CONVIRZA_HTTP_AUTH=login.

    Run it with the settings of the server, so that it finds the same store and keys.
    """


@command.command("list")
@click.argument("email", required=False)
def list_grants(email: str | None) -> None:
    """List the grants: id, account, client, when it was given and last refreshed; with EMAIL, one person's.

    The account is the caller in the server's log. E-mail addresses are not stored.
    """
    settings = Settings.from_environment()
    found = anyio.run(_rows, settings, email and strip_wrapping(email))
    if not found:
        known = "A person gives one on the login page." if email is None else "Without EMAIL, all are listed."
        click.echo(f"{'No grants' if email is None else 'No grants of this e-mail address'}. {known}", err=True)
    for name, grant in found:
        client = on_one_line(grant.request.client_name or "an app without a name")
        given, refreshed = (
            local_text(datetime.fromtimestamp(moment, UTC), settings.zone)
            for moment in (grant.created_at, grant.refreshed_at)
        )
        identifier, account = name.split(":")[2][:LABEL_DIGITS], account_in(name)[:LABEL_DIGITS]
        host = urlsplit(grant.request.redirect_uri).netloc
        click.echo(f"{identifier}  account {account}  given {given}  refreshed {refreshed}  {client} at {host}")


@command.command("end")
@click.argument("who")
def end(who: str) -> None:
    """End one grant or all grants of a person. WHO is a grant's id, an account, or an e-mail address.

    With a person's last grant, the person's Convirza login is revoked and deleted.
    """
    if not anyio.run(_end, Settings.from_environment(), strip_wrapping(who)):
        raise InvalidArgumentError("who", "No grant matches `who`.", remedy="`convirza-mcp grants list` shows them.")
    click.echo("Ended.")


async def _rows(settings: Settings, email: str | None) -> list[tuple[str, Grant]]:
    async with _people(settings) as (grants, people):
        names = await (grants.names() if email is None else people.grants_of(email))
        read = [(name, grant) for name in names if (grant := await grants.read(name)) is not None]
    if names and not read:
        raise CredentialUnusableError(
            "No key of CONVIRZA_STORE_KEYS decrypts the grants in the store.", remedy="Set it as for the server."
        )
    # Without a refresh token: its client has not requested one yet.
    return sorted((row for row in read if row[1].refresh is not None), key=lambda row: row[1].created_at)


async def _end(settings: Settings, who: str) -> int:
    async with _people(settings) as (grants, people):
        if "@" in who:
            return await grants.end_named(await people.grants_of(who))
        start = who.lower()
        names = await grants.names() if len(start) >= _SHORTEST else []
        ours = [name for name in names if any(part.startswith(start) for part in name.split(":")[1:])]
        return await grants.end_named(ours)


@asynccontextmanager
async def _people(settings: Settings) -> AsyncIterator[tuple[Grants, People]]:
    cipher = settings.store_cipher()
    async with aclosing(open_store(settings.store)) as store:
        grants = Grants(SealedStore(store, cipher))
        yield grants, People(store, grants, settings)
