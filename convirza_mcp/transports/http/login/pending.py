"""A login that has begun: the client's checked request, kept until its user has filled in the login page."""

import secrets
from dataclasses import dataclass
from hashlib import sha256

from pydantic import TypeAdapter

PENDING_SECONDS = 600.0


@dataclass(frozen=True, slots=True, kw_only=True)
class PendingLogin:
    """The client's request, every value checked. `resource` is the server's own address, or None if not given."""

    client_id: str
    client_name: str | None
    redirect_uri: str
    redirect_uri_provided_explicitly: bool
    code_challenge: str
    state: str | None
    resource: str | None

    def to_bytes(self) -> bytes:
        return _STORED.dump_json(self)

    @staticmethod
    def from_bytes(content: bytes) -> "PendingLogin":
        return _STORED.validate_json(content)


_STORED = TypeAdapter(PendingLogin)


def new_login_id() -> str:
    """Return the id of a pending login: 32 random bytes."""
    return secrets.token_urlsafe(32)


def name_of_login(login_id: str) -> str:
    """Return the name under which the store keeps a pending login; the id itself is stored nowhere."""
    return f"login:{sha256(login_id.encode('utf-8', 'replace')).hexdigest()}"
