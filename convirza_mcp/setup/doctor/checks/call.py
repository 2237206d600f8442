"""One real call: the first row of the inbox, of which nothing is shown."""

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
    """`source` is where the token comes from."""
    # However long a call may take elsewhere: somebody is waiting here.
    settings = replace(settings, timeout=min(settings.timeout, seconds))
    try:
        # Through the privacy mode, whose key may be what is missing.
        async with open_account(ConvirzaClient.from_settings(settings), settings) as account:
            await account.reader.list_sms_conversations(ConversationQuery(limit=1))
    except ConvirzaError as error:
        return Finding.fault(NAME, error.message, _remedy(error, source))
    return Finding.good(NAME, "The inbox can be read.")


def _remedy(error: ConvirzaError, source: Source) -> str:
    match error:
        case LoginRefreshError():
            # The login itself is good: a new one is not what helps.
            return error.remedy
        case AuthenticationError() | MissingCredentialError():
            return NEW_TOKEN[source]
        case APITimeoutError():
            # The time was cut for this check: a longer CONVIRZA_TIMEOUT is not what helps.
            return "Try again in a minute."
        case _:
            return error.remedy
