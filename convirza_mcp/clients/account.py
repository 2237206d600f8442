"""Whose inbox a server that a client starts will read: where its token comes from, which never stands in the file."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from convirza_mcp.api.credential_store import CredentialStore, StoredCredential
from convirza_mcp.clients.client import Client
from convirza_mcp.clients.entry import TOKEN, TOKEN_FILE
from convirza_mcp.config import Settings, token_from
from convirza_mcp.errors import CredentialMissing, InvalidArgument, SettingsError

ADDRESSES = ("CONVIRZA_BASE_URL", "CONVIRZA_OAUTH_URL")
# Where the login lies, if not in the usual place.
_STATE = "XDG_STATE_HOME"


@dataclass(frozen=True, slots=True)
class Account:
    """`words` say to a person where the token comes from.

    `variables` are all that say whose inbox it is, `environment` those of them that the server needs.
    """

    words: str
    environment: Mapping[str, str] = field(default_factory=dict)
    variables: tuple[str, ...] = (TOKEN, TOKEN_FILE)
    client_asks: bool = False


DEMO = Account("none is needed for the invented inbox")


def account_for(client: Client, environ: Mapping[str, str], *, token_file: str | None, must_have_one: bool) -> Account:
    """The token file that is named, else the stored login, else what the client asks for.

    Without `must_have_one` there may be none yet.

    Raises:
        InvalidArgument: the file cannot be read, or holds no token.
        CredentialMissing: there is nothing that a server could use. CredentialUnusable: the stored login is no good.
    """
    token_file = token_file or environ.get(TOKEN_FILE, "").strip()
    if token_file:
        path = Path(token_file).expanduser().absolute()
        _check_token_file(path)
        return Account(f"read from {path}", {TOKEN_FILE: str(path)})
    if (stored := CredentialStore().read()) is not None:
        return _of_login(stored, environ)
    if client.asks_for_secrets:
        return Account(f"{client.title} asks for it when the server starts, and keeps it", client_asks=True)
    if must_have_one:
        raise CredentialMissing(
            "There is no login for the server to use, and a token has no place in a readable file: run "
            "`convirza-mcp login` first, or give `--token-file PATH`, or `--demo` for the invented inbox."
        )
    return Account("none yet: run `convirza-mcp login`")


def _check_token_file(path: Path) -> None:
    try:
        token_from(path.read_text(encoding="utf-8"), "The file")
    except (OSError, UnicodeDecodeError, SettingsError):
        raise InvalidArgument(
            "token_file", "`--token-file` takes the path of a file that holds the bearer token, and nothing else."
        ) from None


def _of_login(stored: StoredCredential, environ: Mapping[str, str]) -> Account:
    addresses = {name: text for name in ADDRESSES if (text := environ.get(name, "").strip())}
    stored.check_is_from(Settings.from_environment(addresses).oauth_url)
    state = environ.get(_STATE, "").strip()
    return Account(
        "the login that `convirza-mcp login` stored",
        # The service that a login is of goes with it: elsewhere its token is worth nothing.
        addresses | ({_STATE: state} if state else {}),
        (TOKEN, TOKEN_FILE, *ADDRESSES, _STATE),
    )
