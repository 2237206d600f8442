"""The product's own tools, resources and prompts under the names by which the conformance suite calls its fixtures.

Started as a program, it is the command `convirza-mcp` with a server that answers to these names too.
Only the name and the arguments are changed on the way in: what answers is the product, through all its layers.
"""

from typing import Any

from mcp.server.context import ServerRequestContext
from mcp.server.lowlevel import Server
from mcp_types import (
    CallToolRequestParams,
    CompleteRequestParams,
    CompletionArgument,
    GetPromptRequestParams,
    PromptReference,
    ReadResourceRequestParams,
)

_TOOLS: dict[str, tuple[str, dict[str, Any]]] = {
    "test_simple_text": ("list_sms_conversations", {}),
    "test_error_handling": ("list_sms_conversations", {"limit": 0}),
    # The suite wants three notifications of progress or more: there is one a page, and this tool always reads anew.
    "test_tool_with_progress": ("list_sms_changes", {"type": "close", "since": "300d"}),
}
_PROMPTS: dict[str, tuple[str, dict[str, str]]] = {
    "test_simple_prompt": ("morning_digest", {}),
    "test_prompt_with_arguments": ("find_conversation", {"arg1": "about", "arg2": "agent"}),
}
_RESOURCES = {"test://static-text": "convirza://sms/inbox"}


def with_aliases(server: Server[Any]) -> Server[Any]:
    """The same server, which now answers to these names too; its lists do not tell."""
    calling, getting, reading, completing = (
        _handler(server, method) for method in ("tools/call", "prompts/get", "resources/read", "completion/complete")
    )

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

    async def read(ctx: ServerRequestContext[Any, Any], params: ReadResourceRequestParams) -> Any:
        return await reading(ctx, params.model_copy(update={"uri": _RESOURCES.get(params.uri, params.uri)}))

    async def complete(ctx: ServerRequestContext[Any, Any], params: CompleteRequestParams) -> Any:
        if isinstance(params.ref, PromptReference) and params.ref.name in _PROMPTS:
            name, names = _PROMPTS[params.ref.name]
            argument = CompletionArgument(name=names[params.argument.name], value=params.argument.value)
            params = params.model_copy(update={"ref": PromptReference(name=name), "argument": argument})
        return await completing(ctx, params)

    server.add_request_handler("tools/call", CallToolRequestParams, call)
    server.add_request_handler("prompts/get", GetPromptRequestParams, get)
    server.add_request_handler("resources/read", ReadResourceRequestParams, read)
    server.add_request_handler("completion/complete", CompleteRequestParams, complete)
    return server


def _handler(server: Server[Any], method: str) -> Any:
    handler = server.get_request_handler(method)
    assert handler is not None
    return handler.handler


if __name__ == "__main__":
    from convirza_mcp.cli import commands
    from convirza_mcp.server.build import build_server
    from convirza_mcp.transports.http import app

    app.build_server = lambda *args, **options: with_aliases(build_server(*args, **options))  # type: ignore[assignment]
    commands()
