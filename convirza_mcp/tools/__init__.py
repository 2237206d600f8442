"""The tools, one file each."""

from functools import cache
from importlib import import_module

from convirza_mcp.tools.tool import AnyTool

TOOL_NAMES = (
    "list_sms_conversations",
    "get_sms_conversation",
    "search_sms_messages",
    "list_waiting_sms_conversations",
    "summarize_sms_inbox",
    "list_sms_changes",
)
"""Names of the tools, in the order in which clients see them."""

CONNECTOR_TOOL_NAMES = ("search", "fetch")
"""Added with CONVIRZA_CHATGPT_TOOLS: ChatGPT's connectors take no others without its developer mode."""


def tool_names(*, chatgpt: bool) -> tuple[str, ...]:
    return (*TOOL_NAMES, *CONNECTOR_TOOL_NAMES) if chatgpt else TOOL_NAMES


@cache
def tool_named(name: str) -> AnyTool:
    """Return the tool, imported at first use: a server with one question needs no other tool."""
    tool: AnyTool = import_module(f"{__name__}.{name}").TOOL
    return tool


def all_tools() -> tuple[AnyTool, ...]:
    return tuple(map(tool_named, TOOL_NAMES))
