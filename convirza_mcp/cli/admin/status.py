"""`convirza-mcp status`: show the credential in use, its expiry, and whether a call works."""

from contextlib import aclosing
from datetime import datetime
from typing import Any
from urllib.parse import urlsplit

import anyio
import click

from convirza_mcp.api.client import ConvirzaClient
from convirza_mcp.api.login.oauth import TokenPair, expiry_text
from convirza_mcp.api.login.storage import LoginStorage, login_storage
from convirza_mcp.api.login.store import CredentialStore
from convirza_mcp.api.models import ConversationQuery
from convirza_mcp.cli.options import demo_option, json_option, settings_of_command
from convirza_mcp.cli.render.console import print_json
from convirza_mcp.errors import (
    ConvirzaError,
    CredentialUnusableError,
    MissingCredentialError,
    StoreUnavailableError,
)
from convirza_mcp.settings import Settings
from convirza_mcp.setup.doctor.checks.credential import WORDS, Source, source_of


@click.command("status", short_help="Show which credential is in use, and test it.")
@demo_option
@json_option
@click.pass_context
def command(ctx: click.Context, as_json: bool) -> None:
    """Show which credential is in use and when it ends, and test it with one call.

    The exit code is 0 if the call worked, else 1. The token itself is never shown.
    """
    settings = settings_of_command()
    storage = login_storage(settings)
    source: Source = "none" if settings.demo else source_of(settings, CredentialStore())
    problem = anyio.run(_problem, settings)
    if source == "store" and type(problem) is MissingCredentialError:
        # A store that is named may hold no login. The subclasses of this error have one.
        source = "none"
    # Read after the call, which may have refreshed it.
    pair = anyio.run(_stored_pair, storage) if source == "store" else None
    if as_json:
        print_json(_document(source, pair, problem, settings))
    else:
        click.echo(f"Credential: {'none; the demo inbox needs none' if settings.demo else WORDS[source]}")
        if source == "store":
            click.echo(f"Stored in:  {storage.place}")
        if source != "none":
            # A token alone is opaque, so its end is unknown.
            ends = "at an unknown time" if pair is None else expiry_text(pair, settings.zone)
            click.echo(f"Ends:       {ends}")
        host = urlsplit(settings.base_url).hostname
        click.echo(f"A call:     {f'works: {host} answered' if problem is None else f'fails: {problem}'}")
    ctx.exit(0 if problem is None else 1)


async def _problem(settings: Settings) -> ConvirzaError | None:
    """Return the error of one call; None if it worked."""
    try:
        async with ConvirzaClient.from_settings(settings) as client:
            await client.list_sms_conversations(ConversationQuery(limit=1))
    except ConvirzaError as error:
        return error
    return None


async def _stored_pair(storage: LoginStorage) -> TokenPair | None:
    try:
        async with aclosing(storage):
            stored = await storage.read()
    except (CredentialUnusableError, StoreUnavailableError):
        # The call already reported it.
        return None
    return None if stored is None else stored.pair


def _document(
    source: Source, pair: TokenPair | None, problem: ConvirzaError | None, settings: Settings
) -> dict[str, Any]:
    def local(moment: datetime | None) -> str | None:
        return None if moment is None else moment.astimezone(settings.zone).isoformat(timespec="seconds")

    return {
        "credential": source,
        "expires_at": None if pair is None else local(pair.expires_at),
        "refresh_expires_at": None if pair is None else local(pair.refresh_expires_at),
        "base_url": settings.base_url,
        "works": problem is None,
        "problem": None if problem is None else str(problem),
        "error": None if problem is None else problem.as_dict(),
    }
