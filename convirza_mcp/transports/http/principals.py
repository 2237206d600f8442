"""Lends each call the account of its principal, and ends listen streams when a principal's rights end."""

import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from typing import Any

import anyio
from mcp.server.context import CallNext, HandlerResult, ServerMiddleware, ServerRequestContext

from convirza_mcp.accounts.account import Account
from convirza_mcp.accounts.calls import caller
from convirza_mcp.accounts.registry import Accounts, Principal
from convirza_mcp.server.pictures import is_page
from convirza_mcp.server.subscriptions import SubscriptionHandler

LISTEN = "subscriptions/listen"
_OF_AN_ACCOUNT = frozenset({"tools/call", "resources/read", "prompts/get", "completion/complete", LISTEN})


class ForThePrincipal(ServerMiddleware[Account]):
    """Replaces the lifespan's account by the principal's, for the methods that need one."""

    def __init__(self, accounts: Accounts, listening: SubscriptionHandler) -> None:
        self._accounts = accounts
        self._listening = listening
        self._listeners: Counter[Principal] = Counter()

    async def __call__(self, ctx: ServerRequestContext[Account, Any], call_next: CallNext) -> HandlerResult:
        if ctx.method not in _OF_AN_ACCOUNT or ctx.request is None or is_page((ctx.params or {}).get("uri")):
            return await call_next(ctx)
        principal: Principal = ctx.request.scope["principal"]
        async with self._accounts.lend(principal) as account:
            token = caller.set(principal.label)
            try:
                lent = replace(ctx, lifespan_context=account)
                if ctx.method != LISTEN:
                    return await call_next(lent)
                with self._listens(principal):
                    return await self._until_expiry(principal, account, lambda: call_next(lent))
            finally:
                caller.reset(token)

    def end_listeners(self, is_admitted: Callable[[Principal], bool]) -> None:
        """End the listen streams of principals that are not admitted any more."""
        for principal in [each for each in self.listeners if not is_admitted(each)]:
            for account in self._accounts.known(principal.subject):
                self._listening.close(account)

    @property
    def listeners(self) -> list[Principal]:
        """Return the principals that listen now."""
        return [*self._listeners]

    @contextmanager
    def _listens(self, principal: Principal) -> Iterator[None]:
        self._listeners[principal] += 1
        try:
            yield
        finally:
            self._listeners -= Counter([principal])

    async def _until_expiry(self, principal: Principal, account: Account, answer: Callable[[], Any]) -> HandlerResult:
        result: HandlerResult = None
        failure: Exception | None = None
        async with anyio.create_task_group() as tasks:
            if principal.expires_at is not None:
                tasks.start_soon(self._end_at, principal.expires_at, account)
            try:
                result = await answer()
            except Exception as error:  # noqa: BLE001 - raised below, as it is: here it would come in a group
                failure = error
            tasks.cancel_scope.cancel()
        if failure is not None:
            raise failure
        return result

    async def _end_at(self, expires_at: float, account: Account) -> None:
        await anyio.sleep(max(0.0, expires_at - time.time()))
        # With this principal's other streams: they listen again, with the token of that moment.
        self._listening.close(account)
