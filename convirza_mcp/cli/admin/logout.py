"""`convirza-mcp logout`: end a login at Convirza first, then here."""

import os
from contextlib import aclosing

import anyio
import click

from convirza_mcp.api.login.oauth import OAuthService
from convirza_mcp.api.login.storage import login_storage
from convirza_mcp.api.login.store import StoredCredential
from convirza_mcp.cli.admin.login import LOCK_SECONDS, TOKEN_VARIABLES
from convirza_mcp.errors import ConvirzaError
from convirza_mcp.settings import Settings


@click.command("logout", short_help="Revoke the stored login's tokens, and delete them.")
@click.option("--force", is_flag=True, help="Delete the login even if it cannot be revoked.")
@click.pass_context
def command(ctx: click.Context, force: bool) -> None:
    """Revoke the tokens that `convirza-mcp login` stored, then delete them."""
    settings = Settings.from_environment()
    existed, failure = anyio.run(_log_out, settings, force)
    if failure is not None:
        click.echo(f"convirza-mcp: {failure}", err=True)
    if failure is not None and not force:
        click.echo(
            "The login was not revoked, and is still stored. `convirza-mcp logout --force` deletes it anyway; its "
            "tokens then stay valid until they expire.",
            err=True,
        )
        ctx.exit(1)
    click.echo("Logged out." if existed else "No login is stored: there is nothing to log out of.")
    if failure is not None:
        click.echo("The login was deleted here, but not revoked: its tokens stay valid until they expire.", err=True)
    for variable in TOKEN_VARIABLES:
        if variable in os.environ:
            click.echo(f"The token of {variable} is unchanged: `convirza-mcp login` did not store it.", err=True)


async def _log_out(settings: Settings, force: bool) -> tuple[bool, ConvirzaError | None]:
    """Revoke and delete the login; return whether there was one, and why it was not revoked."""
    async with aclosing(login_storage(settings)) as storage:
        if not storage.exists():
            return False, None
        # No other program may refresh the login meanwhile, because that would restore it.
        async with storage.lock(LOCK_SECONDS):
            existed, failure = True, None
            try:
                stored = await storage.read()
                existed = stored is not None
                if stored is not None:
                    await _revoke(stored, settings)
            except ConvirzaError as error:
                failure = error
            if failure is None or force:
                # Also without a login, because a killed program may have left a temporary file.
                await storage.delete()
            return existed, failure


async def _revoke(stored: StoredCredential, settings: Settings) -> None:
    # At the service that issued them, regardless of the settings: no other service may see them.
    async with OAuthService(stored.oauth_url, timeout=settings.timeout) as service:
        if stored.pair.refresh_token is not None:
            await service.revoke(stored.pair.refresh_token, "refresh")
        await service.revoke(stored.pair.access_token, "access")
