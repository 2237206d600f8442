"""Assemble the MCP server from tools, resources and prompts."""

from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import replace
from datetime import datetime
from functools import cache
from importlib.metadata import version
from typing import TYPE_CHECKING, Any

import mcp_types as types
from mcp.server.caching import CacheHint
from mcp.server.context import CallNext, HandlerResult, ServerRequestContext
from mcp.server.lowlevel import Server
from mcp.shared.exceptions import MCPError

from convirza_mcp.accounts.account import Account, Request, open_account
from convirza_mcp.accounts.calls import logged_call
from convirza_mcp.api.client import ConvirzaClient
from convirza_mcp.api.models import ConversationReader
from convirza_mcp.clock.business_hours import last_close
from convirza_mcp.clock.window import utc_now
from convirza_mcp.errors import InvalidArgumentError
from convirza_mcp.server import PROMPT_NAMES, packaged_text
from convirza_mcp.server.pictures import EXTENSION, TOOL_META, announce, is_page, read_page
from convirza_mcp.server.telemetry import redact_spans
from convirza_mcp.settings import Settings
from convirza_mcp.tools import tool_named, tool_names
from convirza_mcp.tools.failure import Failure
from convirza_mcp.tools.schema import Arguments, input_schema, sent_arguments
from convirza_mcp.tools.tool import AnyTool

if TYPE_CHECKING:
    from convirza_mcp.server.prompts import InboxPrompt
    from convirza_mcp.server.subscriptions import SubscriptionHandler

INSTRUCTIONS = packaged_text("instructions")

READ_ONLY = types.ToolAnnotations(
    read_only_hint=True, destructive_hint=False, idempotent_hint=True, open_world_hint=True
)

_A_DAY_MS = 24 * 60 * 60 * 1000

AccountContext = ServerRequestContext[Account, Any]
_Paginated = types.PaginatedRequestParams | None
Opening = Callable[[], AbstractAsyncContextManager[ConversationReader]]
Lifespan = Callable[[Server[Account]], AbstractAsyncContextManager[Account]]


class _InboxServer(Server[Account]):
    """MCP server that announces resource subscriptions, and lists that never change, which the SDK does not."""

    def get_capabilities(self, *args: Any, **options: Any) -> types.ServerCapabilities:
        capabilities = super().get_capabilities(*args, **options)
        for listed in (capabilities.tools, capabilities.prompts, capabilities.resources):
            if listed is not None:
                listed.list_changed = False
        return capabilities


def build_server(
    settings: Settings,
    *,
    open_client: Opening | None = None,
    now: Callable[[], datetime] = utc_now,
    poll_seconds: float | None = None,
    lifespan: Lifespan | None = None,
    listening: "SubscriptionHandler | None" = None,
    instructions: str = INSTRUCTIONS,
) -> Server[Account]:
    """Return the server for these settings.

    `open_client` replaces the settings' client, `now` the clock. `poll_seconds` is the poll interval while a client is
    subscribed, a minute by default. `lifespan`, `listening` and `instructions` are for a server with many callers,
    which lends each call its account.
    """
    names = tool_names(chatgpt=settings.chatgpt_tools)
    opening: Opening = open_client or (lambda: ConvirzaClient.from_settings(settings))

    @asynccontextmanager
    async def one_account(_: Server[Account]) -> AsyncIterator[Account]:
        async with open_account(opening(), settings, clock=now) as account:
            yield account

    async def list_tools(_: AccountContext, __: _Paginated) -> types.ListToolsResult:
        return types.ListToolsResult(
            tools=[definition(tool_named(name), structured=settings.output == "both") for name in names]
        )

    async def call(ctx: AccountContext, params: types.CallToolRequestParams) -> types.CallToolResult:
        if params.name not in names:
            with logged_call(None) as logged:
                logged.outcome = "UnknownTool"
            raise MCPError(code=types.INVALID_PARAMS, message=f"Unknown tool; this server has {', '.join(names)}.")
        return await call_tool(tool_named(params.name), params.arguments or {}, _request(ctx))

    # Below, what few sessions use is imported when it is used: a client waits for every import of a start.
    async def list_resources(_: AccountContext, __: _Paginated) -> types.ListResourcesResult:
        from convirza_mcp.server.resources import listed_resources

        return types.ListResourcesResult(resources=listed_resources())

    async def list_templates(_: AccountContext, __: _Paginated) -> types.ListResourceTemplatesResult:
        from convirza_mcp.server.resources import listed_templates

        return types.ListResourceTemplatesResult(resource_templates=listed_templates())

    async def read(ctx: AccountContext, params: types.ReadResourceRequestParams) -> types.ReadResourceResult:
        from convirza_mcp.server.resources import read_resource

        return read_page(params.uri) if is_page(params.uri) else await read_resource(params.uri, _request(ctx))

    async def list_prompts(_: AccountContext, __: _Paginated) -> types.ListPromptsResult:
        from convirza_mcp.server.prompts import PROMPTS

        return types.ListPromptsResult(prompts=[_definition(prompt) for prompt in PROMPTS.values()])

    async def get_prompt(ctx: AccountContext, params: types.GetPromptRequestParams) -> types.GetPromptResult:
        from convirza_mcp.server.prompts import PROMPTS, PromptContext

        prompt = PROMPTS.get(params.name)
        if prompt is None:
            raise MCPError(code=types.INVALID_PARAMS, message=f"Unknown prompt; this server has {', '.join(PROMPTS)}.")
        account = account_of(ctx)
        at, zone = account.clock(), account.settings.zone
        closed = last_close(account.settings.business_hours, now=at, zone=zone)
        try:
            text = prompt.render(params.arguments or {}, PromptContext(now=at, zone=zone, last_close=closed))
        except InvalidArgumentError as error:
            raise MCPError(code=types.INVALID_PARAMS, message=str(error)) from None
        return types.GetPromptResult(
            description=prompt.description,
            messages=[types.PromptMessage(role="user", content=types.TextContent(text=text))],
        )

    async def completion(ctx: AccountContext, params: types.CompleteRequestParams) -> types.CompleteResult:
        from convirza_mcp.server.completions import complete

        return types.CompleteResult(completion=await complete(params, account_of(ctx)))

    @cache
    def handler() -> "SubscriptionHandler":
        from convirza_mcp.server.subscriptions import A_MINUTE, SubscriptionHandler

        return listening or SubscriptionHandler(account_of, A_MINUTE if poll_seconds is None else poll_seconds)

    async def listen(
        ctx: AccountContext, params: types.SubscriptionsListenRequestParams
    ) -> types.SubscriptionsListenResult:
        return await handler()(ctx, params)

    # The lists do not depend on the account, so they may be cached and shared. Resource contents may not: what
    # stands at an address is the account's.
    forever = CacheHint(ttl_ms=_A_DAY_MS, scope="public")
    own = CacheHint(ttl_ms=_A_DAY_MS, scope="private")
    # An incomplete answer continues when the client reads it again.
    uncached = CacheHint(ttl_ms=0, scope="private")
    server = _InboxServer(
        "convirza-mcp",
        version=version("convirza-mcp"),
        title="Convirza SMS inbox",
        description="Reads a Convirza SMS inbox: what came in, who is waiting. Read-only.",
        instructions=instructions,
        lifespan=lifespan or one_account,
        cache_hints={
            "tools/list": forever,
            "prompts/list": forever,
            "resources/list": own,
            "resources/templates/list": own,
            "resources/read": uncached,
        },
        on_list_tools=list_tools,
        on_call_tool=call,
        on_list_resources=list_resources,
        on_list_resource_templates=list_templates,
        on_read_resource=read,
        on_list_prompts=list_prompts,
        on_get_prompt=get_prompt,
        on_completion=completion,
        on_subscriptions_listen=listen,
    )
    redact_spans(server, {"tools/call": frozenset(names), "prompts/get": frozenset(PROMPT_NAMES)})
    server.extensions[EXTENSION] = {}
    server.middleware += [announce, _parse_text_arguments]
    return server


async def _parse_text_arguments(ctx: ServerRequestContext[Account, Any], call_next: CallNext) -> HandlerResult:
    params = ctx.params or {}
    if ctx.method in ("tools/call", "prompts/get") and isinstance(given := params.get("arguments"), str | list):
        ctx = replace(ctx, params={**params, "arguments": sent_arguments(given)})
    return await call_next(ctx)


def definition(tool: AnyTool, *, structured: bool) -> types.Tool:
    """Return the tool's entry in `tools/list`; without `structured` it has no output schema."""
    arguments: type[Arguments] = tool.arguments
    return types.Tool(
        name=tool.name,
        title=tool.title,
        description=tool.description,
        input_schema=input_schema(arguments),
        output_schema=dict(tool.output_schema) if structured else None,
        annotations=READ_ONLY,
        _meta=TOOL_META if tool.has_picture else None,
    )


async def call_tool(tool: AnyTool, given: Mapping[str, Any], request: Request) -> types.CallToolResult:
    answer = await tool.ask(given, request)
    if isinstance(answer, Failure):
        return types.CallToolResult(content=[types.TextContent(text=answer.text)], is_error=True)
    return types.CallToolResult(
        content=[types.TextContent(text=answer.text)],
        structured_content=answer.structured() if request.account.settings.output == "both" else None,
    )


def account_of(ctx: AccountContext) -> Account:
    """Return the account of a request. No other code decides this."""
    return ctx.lifespan_context


def _request(ctx: AccountContext) -> Request:
    """Begin a request of the account, which reports progress to the client."""

    async def progress(pages: int, of: int | None) -> None:
        # Does nothing if the client did not request progress.
        await ctx.session.report_progress(pages, of, "pages read")

    return account_of(ctx).request(progress)


def _definition(prompt: "InboxPrompt") -> types.Prompt:
    return types.Prompt(
        name=prompt.name,
        title=prompt.title,
        description=prompt.description,
        arguments=[
            types.PromptArgument(name=each.name, description=each.description, required=each.default is None)
            for each in prompt.arguments
        ],
    )
