"""Codes, access tokens and refresh tokens: 64 bytes in base64url that only this server can read.

The first 16 bytes name the account, the next 16 the grant. The other 32 are random; without them a token is worth
nothing. The store keeps SHA-256 hashes of whole tokens, and of the grant's 16 bytes.

Two refreshes with the same token must get the same successor, and no token may be readable in the store. So the
successor is an HMAC with the refresh token as key, over random bytes that the store keeps.
"""

import hmac
import re
import secrets
from base64 import urlsafe_b64decode, urlsafe_b64encode
from hashlib import sha256
from typing import Literal, NamedTuple, Self

ACCOUNT_BYTES = 16
LABEL_DIGITS = 12
"""Digits of an account or a grant that people see."""

_TOKEN = re.compile(r"[A-Za-z0-9_-]{86}", re.ASCII)


class Handle(NamedTuple):
    """The part of a token that names its account and grant; the same in all tokens of a grant."""

    account: bytes
    grant: bytes

    @classmethod
    def new(cls, account: str) -> Self:
        """Return the handle of a new grant for an account, whose name is its bytes in hexadecimal."""
        return cls(bytes.fromhex(account), secrets.token_bytes(16))

    @classmethod
    def of(cls, token: str) -> Self | None:
        """Return a token's handle; None for text of another form."""
        if not _TOKEN.fullmatch(token):
            return None
        content = urlsafe_b64decode(f"{token}==")
        return cls(content[:16], content[16:32])

    @property
    def name(self) -> str:
        """Return the name under which the store keeps the grant."""
        return f"{grants_of(self.account.hex())}{sha256(self.grant).hexdigest()[:32]}"

    def new_token(self) -> str:
        """Return a random token of this grant."""
        return self._with(secrets.token_bytes(32))

    def successor(self, token: str, salt: bytes, kind: Literal[b"access", b"refresh"]) -> str:
        """Return the token that follows `token`, which every caller with the same salt gets."""
        return self._with(hmac.digest(token.encode(), salt + kind, "sha256"))

    def _with(self, secret: bytes) -> str:
        return urlsafe_b64encode(self.account + self.grant + secret).decode().rstrip("=")


def grants_of(account: str) -> str:
    """Return the start of the names of an account's grants."""
    return f"grant:{account}:"


def account_in(name: str) -> str:
    """Return the account of the grant that the store keeps under this name."""
    return name.split(":")[1]


def digest(token: str) -> str:
    """Return the hash that the store keeps of a token."""
    return sha256(token.encode()).hexdigest()
