"""A stored login whose access token has ended an hour ago, for processes that will have to renew it."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

from convirza_mcp.api.login.oauth import TokenPair
from convirza_mcp.api.login.store import CredentialStore, StoredCredential

ACCOUNT = "5ad0c0"


def store_ended_login(state: Path, oauth_url: str, access: str, refresh: str) -> CredentialStore:
    """In the private folder of a program whose XDG_STATE_HOME is `state`."""
    ended = datetime.now(UTC) - timedelta(hours=1)
    pair = TokenPair(access, refresh, ended, None, obtained_at=ended - timedelta(days=7))
    store = CredentialStore(state / "convirza-mcp")
    store.write(StoredCredential(pair, account=ACCOUNT, oauth_url=oauth_url))
    return store
