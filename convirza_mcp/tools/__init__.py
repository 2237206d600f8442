"""The tools, one file each."""

from typing import Any

from convirza_mcp.tools import list_sms_conversations
from convirza_mcp.tools.tool import Tool

TOOLS: tuple[Tool[Any], ...] = (list_sms_conversations.TOOL,)
"""In the order in which clients see them."""
