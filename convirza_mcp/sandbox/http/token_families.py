"""The tokens that the sandbox issued: validity, expiry and reuse detection."""

import secrets
import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, Literal

from convirza_mcp.sandbox.seed.times import utc_text

TokenType = Literal["access", "refresh"]


@dataclass(slots=True)
class _Family:
    """All tokens of one user's login. Refresh tokens are single-use: one is valid, the others are used up."""

    user: Mapping[str, Any]
    access: dict[str, datetime] = field(default_factory=dict)
    refresh: str | None = None
    refresh_ends: datetime | None = None


class TokenFamilies:
    """Issues and revokes tokens. Thread-safe.

    An access token ends when its answer said so, not later: Convirza's documentation says in passing that each call
    renews it, which nothing should rely on.
    """

    def __init__(
        self,
        *,
        clock: Callable[[], datetime],
        access_life: timedelta,
        refresh_life: timedelta,
        refresh_ends_access: bool,
    ) -> None:
        """`refresh_ends_access`: whether a refresh ends the access tokens before it."""
        self._clock = clock
        self._access_life = access_life
        self._refresh_life = refresh_life
        self._refresh_ends_access = refresh_ends_access
        self._lock = threading.Lock()
        self._by_access: dict[str, _Family] = {}
        # Spent refresh tokens stay: coming back is how they give a theft away.
        self._by_refresh: dict[str, _Family] = {}

    def issue(self, user: Mapping[str, Any]) -> dict[str, Any]:
        """Return the answer to a login: the first tokens of a new family. `user` is part of each of its answers."""
        with self._lock:
            return self._next_pair(_Family(user))

    def rotate(self, refresh_token: str) -> dict[str, Any] | None:
        """Return the answer to a refresh; None if the token is not valid (any more).

        A used token revokes its whole family, because one of its two holders is a thief.
        """
        with self._lock:
            family = self._by_refresh.get(refresh_token)
            if family is None:
                return None
            if refresh_token != family.refresh:
                self._end_access(family)
                family.refresh = None
                return None
            if family.refresh_ends is None or family.refresh_ends <= self._clock():
                return None
            if self._refresh_ends_access:
                self._end_access(family)
            return self._next_pair(family)

    def revoke(self, token: str, token_type: TokenType) -> None:
        """End this one token. Nothing happens when there is no such token of this type."""
        with self._lock:
            match token_type:
                case "access":
                    if family := self._by_access.pop(token, None):
                        del family.access[token]
                case "refresh":
                    # Unknown from then on, rather than spent: it was given back, not stolen.
                    if (family := self._by_refresh.get(token)) and family.refresh == token:
                        family.refresh = None
                        del self._by_refresh[token]

    def access_user(self, access_token: str) -> int | None:
        """Return the `ct_user_id` that an access token belongs to; None if the token is not valid now."""
        with self._lock:
            family = self._by_access.get(access_token)
            return _user_id(family) if family is not None and self._clock() < family.access[access_token] else None

    def refresh_user(self, refresh_token: str) -> int | None:
        """Return the `ct_user_id` that a refresh token belongs to, used or not; None for an unknown token."""
        with self._lock:
            family = self._by_refresh.get(refresh_token)
            return None if family is None else _user_id(family)

    def expire_access_tokens(self) -> None:
        """End the life of every access token given out so far; refresh tokens stay good."""
        with self._lock:
            for token in list(self._by_access):
                self._by_access.pop(token).access.clear()

    def end(self, user_id: int | None) -> None:
        """End all tokens of a user; None means of all users."""
        with self._lock:
            for family in [*self._by_access.values(), *self._by_refresh.values()]:
                if user_id in (None, _user_id(family)):
                    self._end_access(family)
                    family.refresh = None

    def _next_pair(self, family: _Family) -> dict[str, Any]:
        now = self._clock()
        access, refresh, frontend = (
            f"sandbox-{kind}-{secrets.token_urlsafe(24)}" for kind in ("access", "refresh", "frontend")
        )
        family.access[access] = now + self._access_life
        family.refresh, family.refresh_ends = refresh, now + self._refresh_life
        self._by_access[access] = self._by_refresh[refresh] = family
        return {
            "access_token": access,
            "refresh_token": refresh,
            "frontend_token": frontend,
            "token_type": "Bearer",
            "expires_in": utc_text(family.access[access]),
            "refresh_expires_in": utc_text(family.refresh_ends),
            "user": family.user,
        }

    def _end_access(self, family: _Family) -> None:
        for token in family.access:
            del self._by_access[token]
        family.access.clear()


def _user_id(family: _Family) -> int:
    identifier: int = family.user["user_id"]
    return identifier
