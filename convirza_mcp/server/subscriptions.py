"""`subscriptions/listen`: notify subscribers when the inbox changes.

Convirza sends no notifications, so the server polls one page a minute for all subscribers, and does not poll without
subscribers. An event states that a resource may have changed, and nothing about the change.
"""

import re
from collections.abc import Callable, Mapping
from itertools import islice
from typing import Any, Literal

import anyio
from mcp.server.context import ServerRequestContext
from mcp.server.subscriptions import InMemorySubscriptionBus, ListenHandler, ResourceUpdated
from mcp.shared.exceptions import MCPError
from mcp_types import (
    INTERNAL_ERROR,
    SubscriptionFilter,
    SubscriptionsListenRequestParams,
    SubscriptionsListenResult,
)

from convirza_mcp.accounts.account import Account
from convirza_mcp.accounts.calls import logged_call
from convirza_mcp.questions.scope import DEFAULT_DAYS
from convirza_mcp.scan.latest import Snapshot
from convirza_mcp.server.resources import CONVERSATION, INBOX

A_MINUTE = 60.0

MAX_SUBSCRIPTIONS = 16
"""Maximum number of subscriptions of an account. A client has one or two; each holds a request open."""

MAX_RESOURCES = 500
"""Maximum resources of a subscription: all may change at once, and unread events are queued."""

AccountContext = ServerRequestContext[Account, Any]

Subject = int | Literal["inbox"]
"""A conversation's id, or the whole inbox."""

_SECONDS_BEFORE_THE_WORD = 5.0
_NUMBER = re.compile(r"[1-9][0-9]{0,18}")


class SubscriptionHandler:
    """Handler of `subscriptions/listen`. `seconds` is the interval between two polls of an account's inbox."""

    def __init__(self, account_of: Callable[[AccountContext], Account], seconds: float = A_MINUTE) -> None:
        self._account_of = account_of
        self._seconds = seconds
        self._open: dict[ListenHandler, Account] = {}

    @property
    def listeners(self) -> int:
        return len(self._open)

    def close(self, account: Account | None = None) -> None:
        """End the streams of this account, or of all, with their last message; a client may listen again."""
        for handler in [each for each, of in self._open.items() if account in (None, of)]:
            handler.close()

    async def __call__(
        self, ctx: AccountContext, params: SubscriptionsListenRequestParams
    ) -> SubscriptionsListenResult:
        """Serve one subscriber until it leaves; raise `MCPError` if there are too many.

        The acknowledgement omits what is not served, such as lists that never change.
        """
        account = self._account_of(ctx)
        if [*self._open.values()].count(account) >= MAX_SUBSCRIPTIONS:
            too_many = f"{MAX_SUBSCRIPTIONS} subscriptions are open already, the most that this server allows."
            raise MCPError(INTERNAL_ERROR, too_many)
        asked = params.notifications.resource_subscriptions or ()
        wanted = dict(islice(((uri, each) for uri in asked if (each := _served(uri))), MAX_RESOURCES))
        served = params.model_copy(
            update={"notifications": SubscriptionFilter(resource_subscriptions=list(wanted) or None)}
        )
        bus = InMemorySubscriptionBus()
        handler = ListenHandler(bus)
        result: SubscriptionsListenResult | Exception
        self._open[handler] = account
        try:
            async with anyio.create_task_group() as tasks:
                if wanted:
                    # Poll before the acknowledgement: every later change is reported.
                    before = None
                    with anyio.move_on_after(_SECONDS_BEFORE_THE_WORD):
                        before = await self._snapshot(account)
                    tasks.start_soon(self._tell, account, wanted, before, bus)
                try:
                    result = await handler(ctx, served)
                except Exception as failure:  # noqa: BLE001 - raised below, as it is: here it would come in a group
                    result = failure
                tasks.cancel_scope.cancel()
        finally:
            del self._open[handler]
        if isinstance(result, Exception):
            raise result
        return result

    async def _tell(
        self, account: Account, wanted: Mapping[str, Subject], before: Snapshot | None, bus: InMemorySubscriptionBus
    ) -> None:
        while True:
            # Compare with the shared poll: a subscriber that came between two polls would otherwise hear a minute late.
            await anyio.sleep(account.poller.seconds_until(self._seconds))
            seen = await self._snapshot(account)
            if seen is None or seen == before:
                # Skip a failed poll; compare the next one with the last successful poll.
                continue
            # After a change of account, there is no earlier state to compare with.
            changed = None if before is None or seen.account != before.account else seen.changed_since(before)
            for uri, subject in wanted.items():
                if changed is None or subject == "inbox" or subject in changed:
                    await bus.publish(ResourceUpdated(uri))
            before = seen

    async def _snapshot(self, account: Account) -> Snapshot | None:
        """Return a snapshot of the inbox; None if the poll failed, which is logged."""
        with logged_call(INBOX.address, "listener") as logged:
            try:
                seen = await account.poller.poll(max_age=self._seconds, days=DEFAULT_DAYS)
            except Exception as error:  # noqa: BLE001 - whatever it is, it must not end what is told later
                logged.failed(error)
                return None
            logged.answered(len(seen.versions))
            return seen


def _served(uri: str) -> Subject | None:
    """Return the subject of the resource at this address; None if there is none."""
    if INBOX.arguments_in(uri) is not None:
        return "inbox"
    given = CONVERSATION.arguments_in(uri)
    number = "" if given is None else given["conversation_id"]
    return int(number) if _NUMBER.fullmatch(number) else None
