"""The credential that the settings name."""

from convirza_mcp.api.login.credentials import Credential, GivenToken, NoToken, TokenFile
from convirza_mcp.settings import Settings


def credential_from(settings: Settings) -> Credential:
    """The credential that the settings name: `CONVIRZA_TOKEN`, else `CONVIRZA_TOKEN_FILE`, else the stored login.

    A login may be stored later: until there is one, each use says what to do.
    """
    if settings.token is not None:
        return GivenToken(settings.token)
    if settings.token_file is not None:
        return TokenFile(settings.token_file)
    # Imported here: with a token that was given, nothing is stored or renewed.
    from convirza_mcp.api.login.store import CredentialStore
    from convirza_mcp.api.login.stored_token import StoredToken

    return StoredToken(CredentialStore(), oauth_url=settings.oauth_url, otherwise=NoToken())
