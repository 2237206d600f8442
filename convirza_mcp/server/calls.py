"""Tools as the protocol shows them: a definition for clients, and an answer as a result."""

from collections.abc import Mapping
from typing import Any

from mcp_types import CallToolResult, TextContent, ToolAnnotations
from mcp_types import Tool as ToolDefinition

from convirza_mcp.accounts.account import Request
from convirza_mcp.tools.failure import Failure
from convirza_mcp.tools.schema import Arguments, input_schema
from convirza_mcp.tools.tool import Tool

READ_ONLY = ToolAnnotations(read_only_hint=True, destructive_hint=False, idempotent_hint=True, open_world_hint=True)


def definition(tool: Tool[Any, Any], *, structured: bool) -> ToolDefinition:
    """Return what `tools/list` says; without `structured` no output schema is promised."""
    arguments: type[Arguments] = tool.arguments
    return ToolDefinition(
        name=tool.name,
        title=tool.title,
        description=tool.description,
        input_schema=input_schema(arguments),
        output_schema=dict(tool.output_schema) if structured else None,
        annotations=READ_ONLY,
    )


async def call_tool(tool: Tool[Any, Any], given: Mapping[str, Any], request: Request) -> CallToolResult:
    """Return the answer as a result, or the sentence that says why there is none."""
    answer = await tool.ask(given, request)
    if isinstance(answer, Failure):
        return CallToolResult(content=[TextContent(text=answer.text)], is_error=True)
    return CallToolResult(
        content=[TextContent(text=answer.text)],
        structured_content=answer.structured() if request.account.settings.output == "both" else None,
    )
