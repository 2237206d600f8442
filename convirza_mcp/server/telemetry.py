"""Keep text from clients and strangers out of the SDK's OpenTelemetry spans.

The SDK opens a span for every message, named after the method and the tool or prompt as the client wrote them, and adds
error texts. This module lets it see only names that the server knows, and error codes.
"""

from collections.abc import Collection, Mapping
from dataclasses import replace
from typing import Any

from mcp.server.context import CallNext, HandlerResult, ServerMiddleware, ServerRequestContext
from mcp.server.lowlevel import Server
from mcp.shared.exceptions import MCPError
from mcp_types import INTERNAL_ERROR, INVALID_PARAMS
from mcp_types.methods import SPEC_CLIENT_METHODS, SPEC_CLIENT_NOTIFICATION_METHODS
from opentelemetry.trace import ProxyTracerProvider, get_tracer_provider
from pydantic import ValidationError

from convirza_mcp.errors import INTERNAL_ERROR as OUR_FAULT

_METHODS = SPEC_CLIENT_METHODS | SPEC_CLIENT_NOTIFICATION_METHODS
_UNKNOWN = "unknown"

Names = Mapping[str, Collection[str]]
"""Allowed names, by method."""


def redact_spans(server: Server[Any], names: Names) -> None:
    server.middleware[:] = [_RedactingMiddleware(middleware, names) for middleware in server.middleware]


class _RedactingMiddleware(ServerMiddleware[Any]):
    def __init__(self, spans: ServerMiddleware[Any], names: Names) -> None:
        self._spans = spans
        self._names = names

    async def __call__(self, ctx: ServerRequestContext[Any, Any], call_next: CallNext) -> HandlerResult:
        failure: Exception | None = None

        async def answer(_: ServerRequestContext[Any, Any]) -> HandlerResult:
            nonlocal failure
            try:
                return await call_next(ctx)
            except Exception as error:  # noqa: BLE001 - kept, and raised below
                failure = error
                raise MCPError(code=_code(error), message="") from None

        shown = self._shown(ctx)
        try:
            return await (self._spans(shown, answer) if _is_traced() else answer(shown))
        except MCPError:
            if failure is None:
                raise
            if isinstance(failure, MCPError | ValidationError):
                # Both have a wire form without a value, so pass on the failure itself.
                raise failure from None
            # One protocol era would send the fault's text to the client, and the SDK would log it.
            raise MCPError(
                code=INTERNAL_ERROR,
                message=f"{shown.method} failed inside convirza-mcp ({type(failure).__name__}): "
                f"please report this fault. [{OUR_FAULT}]",
            ) from None

    def _shown(self, ctx: ServerRequestContext[Any, Any]) -> ServerRequestContext[Any, Any]:
        name = (ctx.params or {}).get("name")
        known = isinstance(name, str) and name in self._names.get(ctx.method, ())
        return replace(
            ctx,
            method=ctx.method if ctx.method in _METHODS else _UNKNOWN,
            params={"name": name} if known else None,
            # Clients number their requests; a text id may contain anything.
            request_id=ctx.request_id if isinstance(ctx.request_id, int) else None,
        )


def _is_traced() -> bool:
    # Without a provider, spans go nowhere, but cost a twentieth of a call.
    return not isinstance(get_tracer_provider(), ProxyTracerProvider)


def _code(error: Exception) -> int:
    if isinstance(error, MCPError):
        return error.error.code
    return INVALID_PARAMS if isinstance(error, ValidationError) else INTERNAL_ERROR
