"""Limits on logins, counted across replicas. None is per address: behind a proxy all users have one."""

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


async def count_attempt(store: Store, login: str, account: str) -> Verdict:
    """Count an attempt for a pending login and an account, and decide whether it may reach Convirza."""
    # First, because an attempt that has to wait must not use up the id.
    if (
        await store.count("logins:minute", seconds=UPSTREAM_SECONDS) > MAX_UPSTREAM
        or await store.count("logins:total", seconds=TOTAL_SECONDS) > MAX_IN_TOTAL
    ):
        return Verdict.WAIT
    for_id = await store.count(f"logins:{login}", seconds=PENDING_SECONDS)
    if for_id > MAX_FOR_ID:
        return Verdict.SPENT
    if await store.count(f"logins:{account}", seconds=EMAIL_SECONDS) > MAX_FOR_EMAIL:
        return Verdict.REFUSED
    return Verdict.LAST if for_id == MAX_FOR_ID else Verdict.ADMITTED
