"""The mark in the store that a refresh token was sent: other programs, and this one's next run, see it and wait."""

from collections.abc import Callable
from contextlib import suppress
from dataclasses import replace
from datetime import datetime

import anyio

from convirza_mcp.api.login.cooldown import may_be_spent
from convirza_mcp.api.login.oauth import OAuthService
from convirza_mcp.api.login.store import CredentialStore, StoredCredential
from convirza_mcp.api.login.token_pair import TokenPair
from convirza_mcp.errors import ConvirzaError, CredentialUnusableError, LoginRefreshError

_SECONDS = 60.0


def check_mark(stored: StoredCredential, *, alive: bool, now: datetime) -> None:
    """Whether any program may use a refresh token that an earlier one, of whatever program, may have spent.

    Raises:
        LoginRefreshError: not yet. After a kill, without a good access token, it may at once.
    """
    asked_at = stored.refresh_asked_at
    # A mark from the future says that a clock was set: then it counts no longer than one of now would.
    just_now = asked_at is not None and stored.refresh_lost and abs((now - asked_at).total_seconds()) < _SECONDS
    if asked_at is not None and (alive or just_now):
        raise LoginRefreshError("An earlier try to renew the login got no answer.", remedy="Try again in a minute.")


async def refreshed(
    store: CredentialStore,
    service: OAuthService,
    stored: StoredCredential,
    refresh_token: str,
    *,
    now: Callable[[], datetime],
) -> TokenPair:
    """The next pair, with the mark in `store` for as long as nobody knows what came of it. The lock must be held.

    Raises:
        CredentialUnusableError: the mark cannot be written, and nothing was sent.
        ConvirzaError: as for `OAuthService.refresh`.
    """
    marked = replace(stored, refresh_asked_at=now(), refresh_lost=False)
    await anyio.to_thread.run_sync(store.write, marked)
    try:
        return await service.refresh(refresh_token)
    except BaseException as error:
        known = isinstance(error, ConvirzaError) and not may_be_spent(error)
        after = stored if known else replace(marked, refresh_asked_at=now(), refresh_lost=True)
        with anyio.CancelScope(shield=True), suppress(CredentialUnusableError):
            await anyio.to_thread.run_sync(store.write, after)
        raise
