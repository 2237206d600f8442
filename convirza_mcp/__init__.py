"""Answers questions about a Convirza SMS inbox, for AI assistants and scripts. Read only.

As a library:

>>> from convirza_mcp import ConversationQuery, ConvirzaClient
>>> async with ConvirzaClient(token) as client:
...     page = await client.list_sms_conversations(ConversationQuery(type="unassigned"))
"""

from convirza_mcp.api.client import ConvirzaClient
from convirza_mcp.api.models import Conversation, ConversationPage
from convirza_mcp.api.query import ConversationQuery
from convirza_mcp.config import Settings
from convirza_mcp.errors import ConvirzaError

__all__ = ["Conversation", "ConversationPage", "ConversationQuery", "ConvirzaClient", "ConvirzaError", "Settings"]
