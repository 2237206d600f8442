"""One real call: the first row of the inbox, of which nothing is shown."""

from dataclasses import replace

from convirza_mcp.accounts.account import open_account
from convirza_mcp.api.client import ConvirzaClient
from convirza_mcp.api.query import ConversationQuery
from convirza_mcp.errors import (
    APIStatusError,
    AuthenticationError,
    ConvirzaError,
    CredentialUnusableError,
    InvalidResponseError,
    MissingCredentialError,
    NotFoundError,
    PermissionDeniedError,
    PrivacyKeyError,
    RateLimitError,
    ServerError,
)
from convirza_mcp.settings import Settings
from convirza_mcp.setup.doctor.checks.credential import NEW_TOKEN, Source
from convirza_mcp.setup.doctor.finding import Finding, said_apart

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
        return Finding.fault(NAME, _detail(error), _remedy(error, source))
    return Finding.good(NAME, "The inbox can be read.")


def _detail(error: ConvirzaError) -> str:
    match error:
        case AuthenticationError():
            sentence = (
                "Convirza refused the token (401): it has expired, as tokens do after 7 days, was revoked, or is none "
                "of Convirza's."
            )
        case PermissionDeniedError():
            sentence = "Convirza denied access (403): the token's user may not see an SMS inbox."
        case NotFoundError():
            sentence = "Convirza found nothing at this address (404)."
        case RateLimitError():
            sentence = "Convirza asks for fewer requests (429)."
        case ServerError():
            sentence = f"Convirza failed ({error.status})."
        case MissingCredentialError() | CredentialUnusableError() | PrivacyKeyError():
            return f"{said_apart(str(error))[0]}."
        case _:
            return str(error)
    request_id = error.request_id
    return sentence if request_id is None else f"{sentence} Convirza's request id: {request_id}."


def _remedy(error: ConvirzaError, source: Source) -> str:
    match error:
        case CredentialUnusableError() | PrivacyKeyError() if said_apart(str(error))[1]:
            return said_apart(str(error))[1]
        case AuthenticationError() | MissingCredentialError():
            return NEW_TOKEN[source]
        case PermissionDeniedError():
            return "Ask a Convirza administrator to let this user see the inbox, or log in as somebody who may."
        case NotFoundError() | InvalidResponseError():
            return "Check that CONVIRZA_BASE_URL, if it is set, is the V3 business API, and try another network."
        case APIStatusError():
            return "Nothing is wrong here: try again in a minute, and tell Convirza's support if it stays so."
        case _:
            return "Try again in a minute."
