"""What all reads of pages share: their progress, and the check that they read one account."""

from collections.abc import Awaitable, Callable

from convirza_mcp.api.models import ConversationReader
from convirza_mcp.errors import AccountChangedError

Progress = Callable[[int, int | None], Awaitable[None]]
"""Callback with the number of pages read, and of how many, if known."""


async def no_progress(_: int, __: int | None) -> None:
    """Ignore progress."""


async def check_account(client: ConversationReader, account: str) -> None:
    """Raise `AccountChangedError` if another account's token has come into use."""
    if await client.credential_fingerprint() != account:
        raise AccountChangedError("The Convirza login changed while the inbox was read.", remedy="Ask again.")
