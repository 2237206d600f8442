"""Answers questions about a Convirza SMS inbox, for AI assistants and scripts. Read only.

As a library:

>>> from convirza_mcp import ConversationQuery, ConvirzaClient
>>> async with ConvirzaClient(token) as client:
...     page = await client.list_sms_conversations(ConversationQuery(type="unassigned"))
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from convirza_mcp.api.client import ConvirzaClient
    from convirza_mcp.api.models import Conversation, ConversationPage
    from convirza_mcp.api.query import ConversationQuery
    from convirza_mcp.errors import ConvirzaError
    from convirza_mcp.settings import Settings

__all__ = ["Conversation", "ConversationPage", "ConversationQuery", "ConvirzaClient", "ConvirzaError", "Settings"]

_HOMES = {
    "Conversation": "api.models",
    "ConversationPage": "api.models",
    "ConversationQuery": "api.query",
    "ConvirzaClient": "api.client",
    "ConvirzaError": "errors",
    "Settings": "settings",
}


def __getattr__(name: str) -> Any:
    # On first use: the client takes 0.2 s to import, which the sandbox and `--version` need not wait for.
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f"{__name__}.{_HOMES[name]}"), name)
