"""Until when a login lasts, in words."""

from datetime import datetime, tzinfo

from convirza_mcp.api.login.token_pair import TokenPair


def when_it_ends(pair: TokenPair, zone: tzinfo) -> str:
    """What follows on "the token ends", without a full stop, with times in `zone`."""
    ends = "at an unknown time" if pair.expires_at is None else local_text(pair.expires_at, zone)
    if pair.refresh_token is None:
        return f"{ends}; it came without a refresh token, so log in again then"
    unused = "" if pair.refresh_expires_at is None else f" before {local_text(pair.refresh_expires_at, zone)}"
    return f"{ends}; using it{unused} renews it"


def local_text(moment: datetime, zone: tzinfo) -> str:
    """`2026-03-05 10:30 America/Denver`."""
    return f"{moment.astimezone(zone):%Y-%m-%d %H:%M} {zone}"
