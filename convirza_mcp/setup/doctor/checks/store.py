"""Check the store that replicas share: whether it answers, and whether the keys decrypt its login."""

from contextlib import aclosing

from convirza_mcp.api.login.storage import login_storage
from convirza_mcp.settings import Settings
from convirza_mcp.setup.doctor.finding import Finding

NAME = "store"
SECONDS = 15.0


async def check_store(settings: Settings) -> Finding:
    """Read the login in the store; every error is a fault."""
    async with aclosing(login_storage(settings)) as storage:
        stored = await storage.read()
    held = "holds no login" if stored is None else "the keys decrypt its login"
    return Finding.good(NAME, f"The store answers, and {held}.")
