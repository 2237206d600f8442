"""The product's own tools and prompts under the fixed names by which the conformance suite calls its fixtures.

Only the name and the arguments are changed on the way in: what answers is the product, through all its layers.
"""

from typing import Any

from mcp.server.context import ServerRequestContext
from mcp.server.lowlevel import Server
from mcp_types import CallToolRequestParams, GetPromptRequestParams

_TOOLS: dict[str, tuple[str, dict[str, Any]]] = {
    "test_simple_text": ("list_sms_conversations", {}),
    "test_error_handling": ("list_sms_conversations", {"limit": 0}),
    # The suite wants three notifications of progress or more: there is one a page, and this tool always reads anew.
    "test_tool_with_progress": ("list_sms_changes", {"type": "close", "since": "300d"}),
}
_PROMPTS: dict[str, tuple[str, dict[str, str]]] = {
    "test_simple_prompt": ("morning_digest", {}),
    "test_prompt_with_arguments": ("find_conversation", {"arg1": "about", "arg2": "start"}),
}


def with_aliases(server: Server[Any]) -> Server[Any]:
    """The same server, which now answers to these names too; its lists do not tell."""
    call_tool, get_prompt = server.get_request_handler("tools/call"), server.get_request_handler("prompts/get")
    assert call_tool is not None
    assert get_prompt is not None
    calling, getting = call_tool.handler, get_prompt.handler

    async def call(ctx: ServerRequestContext[Any, Any], params: CallToolRequestParams) -> Any:
        if params.name in _TOOLS:
            name, arguments = _TOOLS[params.name]
            params = params.model_copy(update={"name": name, "arguments": arguments})
        return await calling(ctx, params)

    async def get(ctx: ServerRequestContext[Any, Any], params: GetPromptRequestParams) -> Any:
        if params.name in _PROMPTS:
            name, names = _PROMPTS[params.name]
            arguments = {names[given]: value for given, value in (params.arguments or {}).items()}
            params = params.model_copy(update={"name": name, "arguments": arguments})
        return await getting(ctx, params)

    server.add_request_handler("tools/call", CallToolRequestParams, call)
    server.add_request_handler("prompts/get", GetPromptRequestParams, get)
    return server
