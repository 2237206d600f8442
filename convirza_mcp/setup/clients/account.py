"""The account of a server that a client starts: the source of its token, which is never in the file."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from convirza_mcp.api.login.credentials import read_token_file
from convirza_mcp.api.login.store import CredentialStore
from convirza_mcp.errors import InvalidArgumentError, MissingCredentialError, SettingsError
from convirza_mcp.settings import Settings
from convirza_mcp.setup.clients.entry import TOKEN, TOKEN_FILE
from convirza_mcp.setup.clients.known import Client
from convirza_mcp.text.typed import strip_wrapping

ADDRESSES = ("CONVIRZA_BASE_URL", "CONVIRZA_OAUTH_URL")
# The place of the login, if it is not the default.
_STATE = "XDG_STATE_HOME"
_TOKENS = (TOKEN, TOKEN_FILE)
_SELECT = (*_TOKENS, *ADDRESSES, _STATE)


@dataclass(frozen=True, slots=True)
class Account:
    """Source of the token. `words` describe it to a person.

    `variables` are all variables that select the account, `environment` the ones that the server needs.
    """

    words: str
    environment: Mapping[str, str] = field(default_factory=dict)
    variables: tuple[str, ...] = _TOKENS
    client_asks: bool = False


DEMO = Account("not needed for the demo inbox")


def account_for(client: Client, environ: Mapping[str, str], *, token_file: str | None, must_have_one: bool) -> Account:
    """Return the named token file, else the stored login, else the client's own prompt.

    Without `must_have_one` there may be none yet.

    Raises:
        InvalidArgumentError: the file cannot be read, or holds no token.
        MissingCredentialError: there is nothing that a server could use.
        CredentialUnusableError: the stored login is unusable.
    """
    # Copy the service of the token too: another service cannot use the token, and must not see it.
    addresses = {name: text for name in ADDRESSES if (text := strip_wrapping(environ.get(name, "")))}
    token_file = strip_wrapping(token_file or environ.get(TOKEN_FILE, ""))
    if token_file:
        try:
            path = Path(token_file).expanduser().absolute()
            read_token_file(path)
        except (OSError, RuntimeError, ValueError, SettingsError):
            # ValueError: the content is not text, or the path is invalid. RuntimeError: the user's home is unknown.
            raise InvalidArgumentError(
                "token_file", "`--token-file` takes the path of a file that holds the bearer token, and nothing else."
            ) from None
        return Account(f"read from {path}", {TOKEN_FILE: str(path)} | addresses, _SELECT)
    if (stored := CredentialStore().read()) is not None:
        stored.check_is_from(Settings.from_environment(addresses).oauth_url)
        state = {_STATE: text} if (text := environ.get(_STATE, "").strip()) else {}
        return Account("the login that `convirza-mcp login` stored", addresses | state, _SELECT)
    if client.asks_for_secrets:
        words = f"{client.title} asks for it when the server starts, and keeps it"
        return Account(words, addresses, _SELECT, client_asks=True)
    if must_have_one:
        raise MissingCredentialError(
            "There is no login for the server to use, and install writes no token to a readable file.",
            remedy=("Run `convirza-mcp login` first, or use `--token-file PATH`, or `--demo` for the demo inbox."),
        )
    return Account("none yet: run `convirza-mcp login`", addresses)
