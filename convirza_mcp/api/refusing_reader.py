"""What stands in the client's place where the settings let nothing be read."""

from typing import NoReturn

from convirza_mcp.api.query import ConversationQuery
from convirza_mcp.errors import SettingsError


class RefusingReader:
    """Answers every question with the sentence that says what to correct, and makes no request.

    For a server whose settings come from a form: whoever filled that in sees neither the exit status nor the last line
    of a start that was refused, only a client that says it has lost its server.
    """

    def __init__(self, sentence: str) -> None:
        self._sentence = sentence

    async def credential_fingerprint(self) -> str:
        self._refuse()

    async def list_sms_conversations(self, query: ConversationQuery | None = None) -> NoReturn:
        self._refuse()

    def _refuse(self) -> NoReturn:
        raise SettingsError(self._sentence)
