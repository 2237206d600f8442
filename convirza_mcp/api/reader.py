"""The reader of conversations that everything above the client uses, and one that refuses every question."""

from typing import NoReturn, Protocol

from convirza_mcp.api.models import ConversationPage
from convirza_mcp.api.query import ConversationQuery
from convirza_mcp.errors import SettingsError


class ConversationReader(Protocol):
    """Gives pages of conversations, and tells whose they are."""

    async def credential_fingerprint(self) -> str:
        """Tells one account's data from another's in memory, without being the token.

        Raises:
            MissingCredentialError: there is no token.
        """
        ...

    async def list_sms_conversations(self, query: ConversationQuery | None = None) -> ConversationPage:
        """One page of one view.

        Raises:
            ConvirzaError: as `convirza_mcp.errors` describes.
        """
        ...


class RefusingReader:
    """Answer every question with the error that says what to correct, and make no request.

    For a server whose settings come from a form. If such a server refused to start, its user would see neither the
    exit code nor stderr, only a client that reports a lost server.
    """

    def __init__(self, sentence: str) -> None:
        self._sentence = sentence

    async def credential_fingerprint(self) -> str:
        self._refuse()

    async def list_sms_conversations(self, query: ConversationQuery | None = None) -> NoReturn:
        self._refuse()

    def _refuse(self) -> NoReturn:
        raise SettingsError(self._sentence)
