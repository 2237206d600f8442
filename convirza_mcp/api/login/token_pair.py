"""What the OAuth service issues: an access token, the refresh token that renews it, and when each ends."""

from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta, tzinfo
from typing import Any

from convirza_mcp.api.http.body import parsed
from convirza_mcp.errors import InvalidResponseError, SettingsError
from convirza_mcp.settings import token_from

_LONGEST_LIFE = timedelta(days=400)
"""Of a life given in seconds: a larger number is a timestamp or a mistake."""

_FIRST_YEAR, _LAST_YEAR = 1970, 9998


@dataclass(frozen=True, slots=True)
class TokenPair:
    """One answer of the OAuth service. Times are in UTC; None means that it did not say, or not usably.

    `expires_at` is a hint: the access token is said to live on with each call, and a clock may be off.
    """

    access_token: str = field(repr=False)
    refresh_token: str | None = field(repr=False)
    expires_at: datetime | None
    refresh_expires_at: datetime | None
    obtained_at: datetime


def read_token_response(body: bytes, *, now: datetime) -> TokenPair:
    """Read the answer to a login or a refresh, `now` being the moment in which it came.

    The documentation gives absolute timestamps as `expires_in`; seconds are understood as well. A refresh answer that
    cannot be read is a login lost, so all but the access token may be missing or senseless.

    Raises:
        InvalidResponseError: there is no usable access token in it.
    """
    try:
        answer = parsed(body)
    except ValueError:
        answer = None
    if isinstance(answer, dict) and "access_token" not in answer and isinstance(answer.get("data"), dict):
        # Undocumented here, but every other answer of Convirza has this envelope.
        answer = answer["data"]
    access_token = _token(answer.get("access_token")) if isinstance(answer, dict) else None
    if not isinstance(answer, dict) or access_token is None:
        raise InvalidResponseError(
            "The OAuth service's answer holds no access token.",
            remedy="Check that CONVIRZA_OAUTH_URL is Convirza's OAuth service.",
        )
    return TokenPair(
        access_token=access_token,
        refresh_token=_token(answer.get("refresh_token")),
        expires_at=_moment(answer.get("expires_in"), now),
        refresh_expires_at=_moment(answer.get("refresh_expires_in"), now),
        obtained_at=now,
    )


def expiry_text(pair: TokenPair, zone: tzinfo) -> str:
    """Return what follows "the token ends", without a full stop and with times in `zone`."""
    ends = "at an unknown time" if pair.expires_at is None else local_text(pair.expires_at, zone)
    if pair.refresh_token is None:
        return f"{ends}; it came without a refresh token, so log in again then"
    unused = "" if pair.refresh_expires_at is None else f" before {local_text(pair.refresh_expires_at, zone)}"
    return f"{ends}; using it{unused} renews it"


def local_text(moment: datetime, zone: tzinfo) -> str:
    """Return `2026-03-05 10:30 America/Denver`."""
    return f"{moment.astimezone(zone):%Y-%m-%d %H:%M} {zone}"


def usable(moment: datetime) -> datetime | None:
    """None for a time so far off that its text in some zone, or a sum with it, would be out of range."""
    return moment if _FIRST_YEAR <= moment.year <= _LAST_YEAR else None


def _token(value: Any) -> str | None:
    try:
        return token_from(value, "") if isinstance(value, str) else None
    except SettingsError:
        return None


def _moment(value: Any, now: datetime) -> datetime | None:
    try:
        if isinstance(value, str) and not (value.isascii() and value.isdigit()):
            moment = datetime.fromisoformat(value)
            return usable(moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC))
        return now + _seconds(value)
    except (ValueError, OverflowError):
        return None


def _seconds(value: Any) -> timedelta:
    seconds = float(value) if isinstance(value, int | float | str) and not isinstance(value, bool) else 0.0
    if not 0 < seconds <= _LONGEST_LIFE.total_seconds():
        raise ValueError
    return timedelta(seconds=seconds)
