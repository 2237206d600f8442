"""The tools, one file each."""

from typing import Any

from convirza_mcp.tools import (
    get_sms_conversation,
    list_sms_changes,
    list_sms_conversations,
    list_waiting_sms_conversations,
    search_sms_messages,
    summarize_sms_inbox,
)
from convirza_mcp.tools.tool import Tool

TOOLS: tuple[Tool[Any, Any], ...] = (
    list_sms_conversations.TOOL,
    get_sms_conversation.TOOL,
    search_sms_messages.TOOL,
    list_waiting_sms_conversations.TOOL,
    summarize_sms_inbox.TOOL,
    list_sms_changes.TOOL,
)
"""In the order in which clients see them."""
