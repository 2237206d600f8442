"""Grants: what a person has allowed one client, with the hashes of its tokens.

A grant is one value of the store, and each change compares its version. It starts with a code that is valid for 60
seconds and one use. Each refresh rotates the refresh token. The tokens before it lead to the newest for 60 seconds,
because hosts refresh from two machines at once. After that, a spent token or a code that comes back is a sign of theft,
and ends the grant.
"""

import hmac
import time
from collections.abc import Awaitable, Callable, Iterable
from dataclasses import replace
from typing import NamedTuple

from convirza_mcp.store.protocol import Store
from convirza_mcp.transports.http.login.grants.grant import Grant
from convirza_mcp.transports.http.login.grants.tokens import Handle, account_in, digest, grants_of
from convirza_mcp.transports.http.login.pending import PendingLogin

CODE_LIFETIME = 60.0
REFRESH_LIFETIME = 30 * 86_400.0


class Tokens(NamedTuple):
    """What a client gets for a code or a refresh token. `expires_in` are the access token's seconds."""

    access: str
    refresh: str
    expires_in: int


class Access(NamedTuple):
    """The access that a token gives: account, the grant's name in the store, client, the server's address, and end."""

    account: str
    grant: str
    client_id: str
    resource: str | None
    expires_at: float


class Grants:
    """All grants of a server, in its store. `now` returns the Unix time.

    `on_end` is awaited with the account after one of its grants has ended, but not when it has expired.
    """

    def __init__(self, store: Store, now: Callable[[], float] = time.time) -> None:
        self._store = store
        self._now = now
        self.on_end: Callable[[str], Awaitable[None]] | None = None

    async def begin(self, request: PendingLogin, account: str, person: str) -> str:
        """Begin a grant of this person for the account, and return its code."""
        handle = Handle.new(account)
        code = handle.new_token()
        grant = Grant(request=request, person=person, created_at=self._now(), code=digest(code))
        await self._store.put(handle.name, grant.to_bytes(), seconds=CODE_LIFETIME, version=0)
        return code

    async def of_code(self, code: str) -> PendingLogin | None:
        """Return the request that a code answers; None if it is not valid. A used code ends its grant."""
        found = await self._of_code(code)
        return None if found is None else found.grant.request

    async def exchange(self, code: str) -> Tokens | None:
        """Return the first tokens for a code; None if it is not valid, or was used at the same time."""
        if (found := await self._of_code(code)) is None:
            return None
        grant, now = found.grant, self._now()
        access, refresh = found.handle.new_token(), found.handle.new_token()
        grant.refresh, grant.refreshed_at = digest(refresh), now
        grant.request = replace(grant.request, state=None, code_challenge="")
        ends = grant.add_access_token(access, now)
        if not await self._put(found):
            await self.end_named([found.handle.name])
            return None
        return Tokens(access, refresh, round(ends - now))

    async def of_refresh_token(self, token: str) -> PendingLogin | None:
        """Return the request behind a refresh token; None if it is not valid. One that was spent ends its grant."""
        found = await self._of_refresh_token(token)
        return None if found is None else found.grant.request

    async def refresh(self, token: str) -> Tokens | None:
        """Return the next tokens, the same for all that present this one within a minute; None if it is not valid."""
        while (found := await self._of_refresh_token(token)) is not None:
            now = self._now()
            if found.grant.is_current(token):
                found.grant.rotate(token, found.handle, now)
                if not await self._put(found):
                    continue
            access, refresh = "", token
            while (rotation := found.grant.rotation_of(refresh, now)) is not None:
                access, refresh = rotation.successors(refresh, found.handle)
            ends = found.grant.access_end(access, now)
            return None if ends is None else Tokens(access, refresh, max(1, round(ends - now)))
        return None

    async def of_access_token(self, token: str) -> Access | None:
        """Return the access that a token gives; None if it is not valid."""
        found = await self._read(token)
        if found is None or (ends := found.grant.access_end(token, self._now())) is None:
            return None
        request = found.grant.request
        return Access(found.handle.account.hex(), found.handle.name, request.client_id, request.resource, ends)

    async def end(self, token: str) -> None:
        """End the grant of a valid token."""
        if (handle := Handle.of(token)) is not None:
            await self.end_named([handle.name])

    async def end_named(self, names: Iterable[str]) -> int:
        """End the grants of these names in the store, and return how many there were."""
        ended = [each for each in names if await self._store.delete(each)]
        if self.on_end is not None:
            for account in {account_in(each) for each in ended}:
                await self.on_end(account)
        return len(ended)

    async def names(self, account: str = "") -> list[str]:
        """Return the names of an account's grants, or of all, whose code has been used or still may be."""
        return await self._store.names(grants_of(account) if account else "grant:")

    async def read(self, name: str) -> Grant | None:
        """Return the grant of this name; None if it has ended."""
        stored = await self._store.get(name)
        return None if stored is None else Grant.from_bytes(stored.value)

    async def _of_code(self, code: str) -> "_StoredGrant | None":
        found = await self._read(code)
        if found is None or not hmac.compare_digest(found.grant.code, digest(code)):
            return None
        if found.grant.refresh is not None:
            await self.end_named([found.handle.name])
            return None
        return found if self._now() < found.grant.created_at + CODE_LIFETIME else None

    async def _of_refresh_token(self, token: str) -> "_StoredGrant | None":
        found, now = await self._read(token), self._now()
        if found is None or found.grant.refreshed_at + REFRESH_LIFETIME <= now:
            return None
        if found.grant.is_current(token) or found.grant.rotation_of(token, now) is not None:
            return found
        if found.grant.was_spent(token):
            await self.end_named([found.handle.name])
        return None

    async def _read(self, token: str) -> "_StoredGrant | None":
        handle = Handle.of(token)
        if handle is None or (stored := await self._store.get(handle.name)) is None:
            return None
        return _StoredGrant(handle, Grant.from_bytes(stored.value), stored.version)

    async def _put(self, found: "_StoredGrant") -> bool:
        """Write the grant unless another program has changed it; return whether it was written."""
        name, content = found.handle.name, found.grant.to_bytes()
        return await self._store.put(name, content, seconds=REFRESH_LIFETIME, version=found.version) is not None


class _StoredGrant(NamedTuple):
    """A grant as it was read, with the version of its value."""

    handle: Handle
    grant: Grant
    version: int
