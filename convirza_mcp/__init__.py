"""Answers questions about a Convirza SMS inbox, for AI assistants and scripts. Read only.

As a library:

>>> from convirza_mcp import Inbox
>>> async with Inbox.from_environment() as inbox:
...     waiting = await inbox.waiting(start="7d")
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from convirza_mcp.api.client import ConvirzaClient
    from convirza_mcp.api.login.credentials import Credential
    from convirza_mcp.api.models import Conversation, ConversationPage
    from convirza_mcp.api.query import ConversationQuery, Order, View
    from convirza_mcp.errors import (
        APIConnectionError,
        APIStatusError,
        APITimeoutError,
        AuthenticationError,
        ConversationNotFoundError,
        ConvirzaError,
        InvalidArgumentError,
        InvalidResponseError,
        MissingCredentialError,
        NotFoundError,
        PermissionDeniedError,
        RateLimitError,
        SettingsError,
    )
    from convirza_mcp.inbox import Inbox
    from convirza_mcp.settings import Settings

    __version__: str

__all__ = [
    "APIConnectionError",
    "APIStatusError",
    "APITimeoutError",
    "AuthenticationError",
    "Conversation",
    "ConversationNotFoundError",
    "ConversationPage",
    "ConversationQuery",
    "ConvirzaClient",
    "ConvirzaError",
    "Credential",
    "Inbox",
    "InvalidArgumentError",
    "InvalidResponseError",
    "MissingCredentialError",
    "NotFoundError",
    "Order",
    "PermissionDeniedError",
    "RateLimitError",
    "Settings",
    "SettingsError",
    "View",
    "__version__",
]

_HOMES = {
    "Conversation": "api.models",
    "ConversationPage": "api.models",
    "ConversationQuery": "api.query",
    "ConvirzaClient": "api.client",
    "Credential": "api.login.credentials",
    "Inbox": "inbox",
    "Order": "api.query",
    "Settings": "settings",
    "View": "api.query",
}
"""The modules of the names that are no errors."""


def __getattr__(name: str) -> Any:
    # On first use: the client takes 0.2 s to import, which the sandbox and `--version` need not wait for.
    if name == "__version__":
        from importlib.metadata import version

        return version("convirza-mcp")
    if name not in __all__:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f"{__name__}.{_HOMES.get(name, 'errors')}"), name)


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
