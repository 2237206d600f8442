"""One grant as it is stored: the client's request, and the hashes of the grant's tokens."""

import hmac
import secrets
from dataclasses import dataclass, field
from typing import NamedTuple

from pydantic import TypeAdapter

from convirza_mcp.transports.http.login.grants.tokens import Handle, digest
from convirza_mcp.transports.http.login.pending import PendingLogin

ACCESS_LIFETIME = 3600.0
GRACE_SECONDS = 60.0
"""Seconds in which a spent refresh token still leads to its successor."""

_MAX_ACCESS_TOKENS = 16
"""Access tokens of a grant that are valid at once. One that refreshes more often than that loses the oldest."""

_MAX_ROTATIONS = 32
_SPENT_DIGITS = 12
_MAX_SPENT = 1_000


class Rotation(NamedTuple):
    """A refresh token that was spent just now: its hash, the salt of its successors, and the time."""

    spent: str
    salt: str
    at: float

    def is_in_grace(self, now: float) -> bool:
        """Return whether the token still leads to its successors."""
        return now < self.at + GRACE_SECONDS

    def successors(self, token: str, handle: Handle) -> tuple[str, str]:
        """Return the access token and the refresh token that follow `token`, which is the one that was spent."""
        salt = bytes.fromhex(self.salt)
        return handle.successor(token, salt, b"access"), handle.successor(token, salt, b"refresh")


@dataclass(slots=True, kw_only=True)
class Grant:
    """A grant as it is stored. Times are Unix times.

    `request` is the client's checked request. `person` is a hash of the e-mail address. `code` is the hash of the code;
    `refresh`, of the refresh token that is valid now, is None until the code has been used. `spent_before` has the
    first digits of the hashes of earlier ones that `rotations` no longer has.
    """

    request: PendingLogin
    person: str
    created_at: float
    code: str
    refresh: str | None = None
    refreshed_at: float = 0.0
    access: list[tuple[str, float]] = field(default_factory=list)
    rotations: list[Rotation] = field(default_factory=list)
    spent_before: list[str] = field(default_factory=list)

    def to_bytes(self) -> bytes:
        return _STORED.dump_json(self)

    @staticmethod
    def from_bytes(content: bytes) -> "Grant":
        return _STORED.validate_json(content)

    def add_access_token(self, token: str, now: float) -> float:
        """Add an access token, drop the expired ones, and return its end."""
        ends = now + ACCESS_LIFETIME
        valid = [(each, until) for each, until in self.access if until > now]
        self.access = [*valid, (digest(token), ends)][-_MAX_ACCESS_TOKENS:]
        return ends

    def access_end(self, token: str, now: float) -> float | None:
        """Return when an access token ends; None for one that is not valid."""
        hashed = digest(token)
        ends = max((until for each, until in self.access if hmac.compare_digest(each, hashed)), default=0.0)
        return ends if ends > now else None

    def is_current(self, token: str) -> bool:
        """Return whether this is the refresh token that has not been spent."""
        return self.refresh is not None and hmac.compare_digest(self.refresh, digest(token))

    def rotation_of(self, token: str, now: float) -> Rotation | None:
        """Return the rotation that spent this refresh token less than a minute ago."""
        hashed = digest(token)
        return next((each for each in self.rotations if each.spent == hashed and each.is_in_grace(now)), None)

    def was_spent(self, token: str) -> bool:
        """Return whether this was a refresh token of the grant."""
        hashed = digest(token)
        return hashed[:_SPENT_DIGITS] in self.spent_before or any(each.spent == hashed for each in self.rotations)

    def rotate(self, token: str, handle: Handle, now: float) -> None:
        """Replace the refresh token, which is `token`, by its successor."""
        rotation = Rotation(digest(token), secrets.token_hex(32), now)
        kept = [each for each in self.rotations if each.is_in_grace(now)][-_MAX_ROTATIONS:]
        late = [each.spent[:_SPENT_DIGITS] for each in self.rotations if each not in kept]
        self.spent_before = [*self.spent_before, *late][-_MAX_SPENT:]
        self.rotations = [*kept, rotation]
        access, refresh = rotation.successors(token, handle)
        self.refresh, self.refreshed_at = digest(refresh), now
        self.add_access_token(access, now)


_STORED = TypeAdapter(Grant)
