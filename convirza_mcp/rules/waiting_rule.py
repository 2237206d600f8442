"""Whose turn it is: the one rule by which a conversation waits for us."""

from convirza_mcp.api.models import Conversation
from convirza_mcp.scan.results import Seen
from convirza_mcp.text.compare import name_key

_UNREAD = "unread"
DECIDED_BY = frozenset({"unread_count", "conversation_status"})
"""The fields that decide whether an open conversation waits."""


def is_unread(conversation: Conversation) -> bool:
    """Whether Convirza counts something unread, or calls the conversation so: either may be missing."""
    return bool(conversation.unread_count) or name_key(conversation.conversation_status) == _UNREAD


def is_waiting(seen: Seen) -> bool:
    """Open with something unread. Whose words the latest message holds is undocumented; unread is the sign."""
    return not seen.closed and is_unread(seen.conversation)
