"""Limits on logins, counted across replicas. None is per address: behind a proxy all users have one."""

from collections.abc import Callable
from enum import Enum, auto

from convirza_mcp.store.protocol import Store
from convirza_mcp.transports.http.login.pending import PENDING_SECONDS

MAX_FOR_ID = 5
MAX_FOR_EMAIL, EMAIL_SECONDS = 10, 900.0
MAX_UPSTREAM, UPSTREAM_SECONDS = 10, 60.0
"""Logins that Convirza takes from one address in a minute; this server is one address."""

MAX_IN_TOTAL, TOTAL_SECONDS = 120, 900.0


class Verdict(Enum):
    """Decision on an attempt: `LAST` is admitted, and no further one with this id is."""

    ADMITTED = auto()
    LAST = auto()
    WAIT = auto()
    REFUSED = auto()
    SPENT = auto()


class Attempts:
    """Counter of attempts in the store; `account_of` hashes the e-mail address."""

    def __init__(self, store: Store, account_of: Callable[[str], str]) -> None:
        self._store = store
        self._account_of = account_of

    async def count(self, login: str, email: str) -> Verdict:
        """Count an attempt for a pending login and an e-mail address, and decide whether it may reach Convirza."""
        # First, because an attempt that has to wait must not use up the id.
        if (
            await self._store.count("logins:minute", seconds=UPSTREAM_SECONDS) > MAX_UPSTREAM
            or await self._store.count("logins:total", seconds=TOTAL_SECONDS) > MAX_IN_TOTAL
        ):
            return Verdict.WAIT
        for_id = await self._store.count(f"logins:{login}", seconds=PENDING_SECONDS)
        if for_id > MAX_FOR_ID:
            return Verdict.SPENT
        if await self._store.count(f"logins:{self._account_of(email)}", seconds=EMAIL_SECONDS) > MAX_FOR_EMAIL:
            return Verdict.REFUSED
        return Verdict.LAST if for_id == MAX_FOR_ID else Verdict.ADMITTED
