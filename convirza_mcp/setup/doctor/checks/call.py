"""Check one real call: read the first row of the inbox, and show none of it."""

from dataclasses import replace

from convirza_mcp.accounts.account import open_account
from convirza_mcp.api.client import ConvirzaClient
from convirza_mcp.api.models import ConversationQuery
from convirza_mcp.errors import (
    APITimeoutError,
    AuthenticationError,
    ConvirzaError,
    LoginRefreshError,
    MissingCredentialError,
)
from convirza_mcp.settings import Settings
from convirza_mcp.setup.doctor.checks.credential import NEW_TOKEN, Source
from convirza_mcp.setup.doctor.finding import Finding

NAME = "call"
SECONDS = 15.0


async def check_call(settings: Settings, source: Source, *, seconds: float = SECONDS) -> Finding:
    """Read one row. `source` is the source of the token."""
    # Shorter than CONVIRZA_TIMEOUT, because a person is waiting.
    settings = replace(settings, timeout=min(settings.timeout, seconds))
    try:
        # Through the privacy mode, because its key may be missing.
        async with open_account(ConvirzaClient.from_settings(settings), settings) as account:
            await account.reader.list_sms_conversations(ConversationQuery(limit=1))
    except ConvirzaError as error:
        return Finding.fault(NAME, error.message, _remedy(error, source))
    return Finding.good(NAME, "The inbox can be read.")


def _remedy(error: ConvirzaError, source: Source) -> str:
    if isinstance(error, APITimeoutError):
        # This check shortened the time, so a longer CONVIRZA_TIMEOUT does not help.
        return "Try again in a minute."
    # A login that could not be refreshed is itself valid, so a new login does not help.
    is_bad_token = isinstance(error, AuthenticationError | MissingCredentialError)
    return NEW_TOKEN[source] if is_bad_token and not isinstance(error, LoginRefreshError) else error.remedy
