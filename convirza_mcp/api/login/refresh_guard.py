"""Guard the refresh token: a failure starts a cooldown, and an unanswered refresh is recorded beside it.

A refresh token is good for one use. A second use may end the login for all programs that share it.
"""

from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field, replace
from datetime import datetime
from math import inf
from typing import Self

import anyio

from convirza_mcp.api.login.oauth import OAuthService, TokenPair
from convirza_mcp.api.login.storage import LoginStorage
from convirza_mcp.api.login.store import StoredCredential
from convirza_mcp.errors import (
    CertificateError,
    ConnectError,
    ConvirzaError,
    CredentialLockedError,
    CredentialUnusableError,
    LoginExpiredError,
    LoginRefreshError,
    MissingCredentialError,
    RateLimitError,
    SettingsError,
    StoreUnavailableError,
)
from convirza_mcp.single_flight import copy_error

_SECONDS = 60.0
_LONGEST_SECONDS = 3600.0
_STORAGE_FAILED = (CredentialUnusableError, StoreUnavailableError)
_NOTHING_WAS_SENT = (ConnectError, CertificateError, SettingsError, MissingCredentialError, *_STORAGE_FAILED)


@dataclass(frozen=True, slots=True)
class Cooldown:
    """Cooldown after a failed refresh, and the error to raise until it ends, on the caller's clock.

    It ends at `while_alive` while the access token is still valid, and at `once_ended` without a valid one.
    """

    refresh_token: str | None = field(repr=False)
    while_alive: float
    once_ended: float
    error: ConvirzaError

    @classmethod
    def after(cls, error: ConvirzaError, pair: TokenPair, *, now: float) -> Self:
        """Return the cooldown after `error`, raised by an attempt to refresh `pair`."""
        while_alive, once_ended = _seconds(error)
        if not isinstance(error, (LoginExpiredError, *_STORAGE_FAILED)):
            message = f"The login's access token has expired and could not be refreshed: {error.message}"
            error = LoginRefreshError(message, remedy=error.remedy)
        return cls(pair.refresh_token, now + while_alive, now + once_ended, error.with_traceback(None))

    def check(self, pair: TokenPair, *, alive: bool, now: float) -> None:
        """Raise the error if `pair` may not be refreshed now. `alive`: its access token is still valid."""
        if pair.refresh_token == self.refresh_token and now < (self.while_alive if alive else self.once_ended):
            raise copy_error(self.error)


def check_not_in_flight(stored: StoredCredential, *, alive: bool, now: datetime) -> None:
    """Raise LoginRefreshError if an earlier refresh, of any program, may be in flight or have used up the token.

    After a kill, without a valid access token, the next attempt is allowed at once.
    """
    sent_at = stored.refresh_asked_at
    # A time in the future means that a clock was changed; treat it like now.
    just_now = sent_at is not None and stored.refresh_lost and abs((now - sent_at).total_seconds()) < _SECONDS
    if sent_at is not None and (alive or just_now):
        raise LoginRefreshError(
            "An earlier attempt to refresh the login got no answer.", remedy="Try again in a minute."
        )


async def refresh(
    storage: LoginStorage,
    service: OAuthService,
    stored: StoredCredential,
    refresh_token: str,
    *,
    now: Callable[[], datetime],
) -> TokenPair:
    """Return the next pair. `storage`, whose lock must be held, records that the token was sent without an outcome.

    Raises:
        CredentialUnusableError, StoreUnavailableError: that cannot be recorded; nothing was sent.
        ConvirzaError: as for `OAuthService.refresh`.
    """
    if not await storage.mark_sent(stored, now()):
        raise CredentialLockedError(
            "Another program is refreshing the stored login.", remedy="Try again in a few seconds."
        )
    try:
        return await service.refresh(refresh_token)
    except BaseException as error:
        is_known = isinstance(error, ConvirzaError) and _seconds(error)[0] < inf
        after = stored if is_known else replace(stored, refresh_asked_at=now(), refresh_lost=True)
        with anyio.CancelScope(shield=True), suppress(*_STORAGE_FAILED):
            await storage.replace(stored.pair, after)
        raise


def _seconds(error: ConvirzaError) -> tuple[float, float]:
    match error:
        case LoginExpiredError():
            return _SECONDS, _SECONDS
        case RateLimitError(retry_after=requested):
            wait = min(max(_SECONDS, requested or 0.0), _LONGEST_SECONDS)
            return wait, wait
        case _ if isinstance(error, _NOTHING_WAS_SENT):
            return _SECONDS, 0.0
        case _:
            # The refresh token may be used up, and a second use ends the login: wait until it is necessary.
            return inf, _SECONDS
