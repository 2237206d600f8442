"""`convirza-mcp login`: log in to Convirza, and store tokens that this machine refreshes."""

import os
import secrets
import sys
from contextlib import aclosing
from datetime import UTC, datetime
from getpass import getpass
from pathlib import Path

import anyio
import click

from convirza_mcp.api.login.oauth import OAuthService, TokenPair, expiry_text, read_token_response
from convirza_mcp.api.login.storage import login_storage
from convirza_mcp.api.login.store import StoredCredential
from convirza_mcp.cli.terminal import is_terminal, read_pasted_object
from convirza_mcp.errors import InvalidArgumentError, InvalidResponseError
from convirza_mcp.files import decode_text
from convirza_mcp.settings import Settings
from convirza_mcp.text.typed import strip_wrapping

LOCK_SECONDS = 15.0
"""Seconds to wait for another program that is refreshing the login."""

_MAX_BYTES = 64 * 1024
TOKEN_VARIABLES = ("CONVIRZA_TOKEN", "CONVIRZA_TOKEN_FILE")
"""Variables that take precedence over a login."""


@click.command("login")
@click.option(
    "--from-json",
    "source",
    metavar="FILE",
    help="Read Convirza's login answer, the JSON object with the tokens, from a file instead of asking; - reads it "
    "pasted or piped.",
)
def command(source: str | None) -> None:
    """Log in to Convirza, once: asks for e-mail and password.

    The password is used for this one request and not stored. The tokens are stored in a file that only you can read,
    or encrypted in CONVIRZA_STORE, and refreshed there; `convirza-mcp logout` ends them.
    """
    settings = Settings.from_environment()
    # Check first, so that no password is typed for a login that cannot be stored. Do not hold the lock during input:
    # the existing login may need a refresh meanwhile.
    anyio.run(_prove_writable, settings)
    pair = anyio.run(_log_in, settings, *_asked()) if source is None else _given(source)
    anyio.run(_store, settings, pair)
    click.echo(f"Logged in. The token ends {expiry_text(pair, settings.zone)}.")
    for variable in TOKEN_VARIABLES:
        if variable in os.environ:
            click.echo(f"{variable} is set and takes precedence over this login. Unset it to use the login.", err=True)


async def _prove_writable(settings: Settings) -> None:
    async with aclosing(login_storage(settings)) as storage, storage.lock(LOCK_SECONDS):
        await storage.prove_writable()


async def _store(settings: Settings, pair: TokenPair) -> None:
    async with aclosing(login_storage(settings)) as storage, storage.lock(LOCK_SECONDS):
        await storage.write(StoredCredential(pair, account=secrets.token_hex(16), oauth_url=settings.oauth_url))


async def _log_in(settings: Settings, email: str, password: str) -> TokenPair:
    async with OAuthService(settings.oauth_url, timeout=settings.timeout) as service:
        return await service.log_in(email, password)


def _asked() -> tuple[str, str]:
    if not (is_terminal(sys.stdin) and is_terminal(sys.stderr)):
        raise click.ClickException(
            "There is no terminal to ask for e-mail and password. Run `convirza-mcp login` in one, or pipe a token "
            "response into `convirza-mcp login --from-json -`."
        )
    # On stderr, so that redirected output holds no questions.
    click.echo("E-mail: ", nl=False, err=True)
    try:
        email = sys.stdin.readline().strip()
        password = getpass("Password: ") if email else ""
    except UnicodeDecodeError:
        # The fault contains the typed text.
        raise click.ClickException("The input does not match the terminal's character encoding.") from None
    except EOFError:
        password = ""
    if not password:
        raise click.ClickException("A login takes both an e-mail address and a password.")
    return email, password


def _given(source: str) -> TokenPair:
    try:
        return read_token_response(decode_text(_content(source)).encode(), now=datetime.now(UTC))
    except (InvalidResponseError, UnicodeDecodeError):
        raise InvalidArgumentError(
            "from_json",
            "--from-json did not get a token response.",
            remedy="It takes the whole JSON object with access_token, refresh_token and expires_in from Convirza's "
            "login answer.",
        ) from None


def _content(source: str) -> bytes:
    if source != "-":
        try:
            with Path(strip_wrapping(source)).expanduser().open("rb") as file:
                return file.read(_MAX_BYTES + 1)
        except (OSError, RuntimeError, ValueError):
            raise InvalidArgumentError(
                "from_json",
                "The file for --from-json cannot be read.",
                remedy="Name a file that exists, or pipe the answer into `convirza-mcp login --from-json -`.",
            ) from None
    if is_terminal(sys.stdin):
        words = "Paste the token response; it is not displayed. Ctrl-C cancels."
        return read_pasted_object(lambda: click.echo(words, err=True), most=_MAX_BYTES)
    return b"" if sys.stdin is None else sys.stdin.buffer.read(_MAX_BYTES + 1)
