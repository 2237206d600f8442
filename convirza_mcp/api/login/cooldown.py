"""After a renewal that failed: for how long the same refresh token is not tried again, and what is said meanwhile."""

from dataclasses import dataclass, field
from math import inf
from typing import Self

from convirza_mcp.api.login.token_pair import TokenPair
from convirza_mcp.errors import (
    CertificateError,
    ConnectError,
    ConvirzaError,
    CredentialUnusableError,
    LoginExpiredError,
    LoginRefreshError,
    MissingCredentialError,
    RateLimitError,
    SettingsError,
)

_SECONDS = 60.0
_LONGEST_SECONDS = 3600.0
_NOTHING_WAS_SENT = (ConnectError, CertificateError, SettingsError, MissingCredentialError, CredentialUnusableError)


@dataclass(frozen=True, slots=True)
class Rest:
    """Times are of the clock that `after` and `check` are given."""

    refresh_token: str | None = field(repr=False)
    while_alive: float
    """Until when nothing is tried while the access token is still good."""
    once_ended: float
    """Until when nothing is tried without a good access token."""
    kind: type[ConvirzaError]
    message: str
    remedy: str

    @classmethod
    def after(cls, error: ConvirzaError, pair: TokenPair, *, now: float) -> Self:
        """The rest that `error` calls for, raised by an attempt to renew `pair`."""
        while_alive, once_ended = _seconds(error)
        kind, message = type(error), error.message
        if not isinstance(error, LoginExpiredError | CredentialUnusableError):
            kind = LoginRefreshError
            message = f"The login's access token has ended and could not be renewed: {message}"
        return cls(pair.refresh_token, now + while_alive, now + once_ended, kind, message, error.remedy)

    def failure(self) -> ConvirzaError:
        """The error for those who ask."""
        return self.kind(self.message, remedy=self.remedy)

    def check(self, pair: TokenPair, *, alive: bool, now: float) -> None:
        """Whether `pair`, whose access token is still `alive` or not, may be renewed now.

        Raises:
            LoginExpiredError, LoginRefreshError, CredentialUnusableError: not yet, and why.
        """
        if pair.refresh_token == self.refresh_token and now < (self.while_alive if alive else self.once_ended):
            raise self.failure()


def may_be_spent(error: ConvirzaError) -> bool:
    """Whether nobody knows what became of a refresh token whose use ended with `error`."""
    while_alive, _ = _seconds(error)
    return while_alive == inf


def _seconds(error: ConvirzaError) -> tuple[float, float]:
    match error:
        case LoginExpiredError():
            return _SECONDS, _SECONDS
        case RateLimitError(retry_after=asked):
            wait = min(max(_SECONDS, asked or 0.0), _LONGEST_SECONDS)
            return wait, wait
        case _ if isinstance(error, _NOTHING_WAS_SENT):
            return _SECONDS, 0.0
        case _:
            # The refresh token may be spent, and using it twice ends everything: not before it must be tried.
            return inf, _SECONDS
