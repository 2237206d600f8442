"""What reads conversations, as everything above the client sees it: the client itself, or what stands before it."""

from typing import Protocol

from convirza_mcp.api.models import ConversationPage
from convirza_mcp.api.query import ConversationQuery


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
