"""Convirza's OAuth service: log in, refresh, revoke. These are the only POST requests of this package."""

import json
import random
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta, tzinfo
from functools import partial
from math import ceil
from typing import Any, Literal, Self

import anyio
import httpx2

from convirza_mcp.api.http.connection import error_body, first_bytes, http_client, response_to
from convirza_mcp.api.http.envelope import envelope_of, read_request_id, seconds_to_wait, stated_status
from convirza_mcp.api.http.observation import our_request
from convirza_mcp.clock.durations import seconds_text
from convirza_mcp.errors import (
    APIStatusError,
    APITimeoutError,
    BadRequestError,
    ConnectError,
    InvalidResponseError,
    LoginExpiredError,
    LoginRejectedError,
    RateLimitError,
    ServerError,
    SettingsError,
)
from convirza_mcp.secret_values import token_from
from convirza_mcp.settings import PRODUCTION_OAUTH_URL
from convirza_mcp.text.address import checked_address

_LONGEST_LIFE = timedelta(days=400)
"""Longest lifetime in seconds: a larger number is a timestamp or a mistake."""

_FIRST_YEAR, _LAST_YEAR = 1970, 9998


@dataclass(frozen=True, slots=True)
class TokenPair:
    """Tokens from the OAuth service. Times are in UTC; None if the service gave no usable time.

    `expires_at` is a hint: each call is said to extend the access token, and a clock may be wrong.
    """

    access_token: str = field(repr=False)
    refresh_token: str | None = field(repr=False)
    expires_at: datetime | None
    refresh_expires_at: datetime | None
    obtained_at: datetime


def read_token_response(body: bytes, *, now: datetime) -> TokenPair:
    """Read the answer to a login or a refresh that arrived at `now`.

    The documentation has absolute timestamps as `expires_in`; seconds are accepted as well. An unreadable refresh
    answer would lose the login, so everything except the access token may be missing or invalid.

    Raises:
        InvalidResponseError: it has no usable access token.
    """
    answer = envelope_of(body)
    if "access_token" not in answer and isinstance(answer.get("data"), dict):
        # Undocumented here, but every other Convirza answer has this envelope.
        answer = answer["data"]
    access_token = _token(answer.get("access_token"))
    if access_token is None:
        raise InvalidResponseError(
            "The OAuth service's answer has no access token.",
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
    """Return the text after "the token ends", with times in `zone`."""
    ends = "at an unknown time" if pair.expires_at is None else local_text(pair.expires_at, zone)
    if pair.refresh_token is None:
        return f"{ends}; there is no refresh token, so log in again then"
    unused = "" if pair.refresh_expires_at is None else f" before {local_text(pair.refresh_expires_at, zone)}"
    return f"{ends}; using it{unused} refreshes it"


def local_text(moment: datetime, zone: tzinfo) -> str:
    """Return `2026-03-05 10:30 America/Denver`."""
    return f"{moment.astimezone(zone):%Y-%m-%d %H:%M} {zone}"


def in_range(moment: datetime) -> datetime | None:
    """Return the time; None if it is so far away that conversion to a zone or a sum would be out of range."""
    return moment if _FIRST_YEAR <= moment.year <= _LAST_YEAR else None


def _token(value: Any) -> str | None:
    try:
        return token_from(value, "") if isinstance(value, str) else None
    except SettingsError:
        return None


def _moment(value: Any, now: datetime) -> datetime | None:
    try:
        if isinstance(value, str) and not value.isdecimal():
            moment = datetime.fromisoformat(value)
            return in_range(moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC))
        seconds = float(value) if isinstance(value, int | float | str) and not isinstance(value, bool) else 0.0
        return now + timedelta(seconds=seconds) if 0 < seconds <= _LONGEST_LIFE.total_seconds() else None
    except (ValueError, OverflowError):
        return None


_MAX_BODY_BYTES = 64 * 1024
_CONNECTION_ATTEMPTS = 3
_LONGEST_WAIT_SECONDS = 0.2
_NOT_ACCEPTED = (400, 401)


class OAuthService:
    """Client of the OAuth service at `url`. `timeout` is in seconds, for each request as a whole.

    `transport` and `now` replace network and clock, for tests. A request is repeated only if its connection could not
    be opened: a refresh token is good for one use, and the fate of an unanswered request is unknown. The service's
    error texts are never shown, because they may repeat what was sent.

    Raises:
        SettingsError: `url`, the proxy or the certificates are invalid.
        APIConnectionError, APIStatusError, InvalidResponseError: a request failed, as `convirza_mcp.errors` describes.
            Except after ConnectError and CertificateError, the token that was sent may be used up.
    """

    def __init__(
        self,
        url: str,
        *,
        transport: httpx2.AsyncBaseTransport | None = None,
        timeout: float = 30.0,
        now: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        self._url = httpx2.URL(checked_address(url, "oauth_url", PRODUCTION_OAUTH_URL))
        self._timeout = timeout
        self._now = now
        # Only opening a connection has its own limit: a late answer still counts.
        timeouts = httpx2.Timeout(timeout, connect=min(5.0, timeout))
        self._http = http_client(self._url, transport=transport, timeouts=timeouts)

    async def __aenter__(self) -> Self:
        await self._http.__aenter__()
        return self

    async def __aexit__(self, *_: object) -> None:
        await self._http.aclose()

    async def log_in(self, email: str, password: str) -> TokenPair:
        """Return the first tokens of a login; raise LoginRejectedError if the service rejects e-mail or password."""
        try:
            body = await self._post("token", {"email": email, "password": password})
        except APIStatusError as error:
            if error.status not in _NOT_ACCEPTED:
                raise
            raise LoginRejectedError(
                f"Convirza rejected this e-mail and password ({error.status}).",
                remedy="Check both, and try again.",
                status=error.status,
            ) from None
        return read_token_response(body, now=self._now())

    async def refresh(self, refresh_token: str) -> TokenPair:
        """Return the next tokens of a login; raise LoginExpiredError if the service refuses `refresh_token`."""
        try:
            body = await self._post("refresh-token", {"refresh_token": refresh_token})
        except APIStatusError as error:
            if error.status not in _NOT_ACCEPTED:
                raise
            raise LoginExpiredError(
                f"The Convirza login has ended: Convirza refused to refresh it ({error.status}).",
                remedy="Log in again with `convirza-mcp login`.",
            ) from None
        return read_token_response(body, now=self._now())

    async def revoke(self, token: str, token_type: Literal["access", "refresh"]) -> None:
        """Revoke one token. A token that has already ended is not an error."""
        await self._post("revoke-token", {"token": token, "token_type": token_type})

    async def _post(self, endpoint: str, content: dict[str, str]) -> bytes:
        # Escaped, so that no password can fail here and appear in a traceback.
        body, headers = json.dumps(content).encode("ascii"), {"Content-Type": "application/json"}
        with anyio.move_on_after(self._timeout), our_request():
            for attempt in range(1, _CONNECTION_ATTEMPTS + 1):
                request = self._http.build_request(
                    "POST", f"{self._url}/oauth/{endpoint}", content=body, headers=headers
                )
                try:
                    return await response_to(request, partial(self._http.send, stream=True), _read)
                except ConnectError:
                    if attempt == _CONNECTION_ATTEMPTS:
                        raise
                    await anyio.sleep(random.uniform(0.0, _LONGEST_WAIT_SECONDS * attempt))  # noqa: S311 - no secret: it only spreads the retries
        raise APITimeoutError(
            f"{self._url.host} did not answer within {seconds_text(self._timeout)}.", remedy="Try again later."
        )


async def _read(response: httpx2.Response) -> bytes:
    status = response.status_code
    if status >= 400:
        raise _status_error(status, response, await error_body(response))
    # Ignore the content type: the token is used up, so no answer may be discarded.
    body, whole = await first_bytes(response, _MAX_BODY_BYTES)
    if not response.is_success or not whole:
        raise InvalidResponseError(
            f"{response.url.host} did not answer like Convirza's OAuth service.",
            remedy="Check the network and CONVIRZA_OAUTH_URL.",
        )
    stated = stated_status(envelope_of(body))
    # The body alone may report a fault, but an answer with a token is used in any case.
    if stated is not None and stated >= 400 and b"access_token" not in body:
        raise _status_error(stated, response, body)
    return body


def _status_error(status: int, response: httpx2.Response, body: bytes) -> APIStatusError:
    request_id = read_request_id(envelope_of(body))
    retry_after = seconds_to_wait(response.headers.get("retry-after"))
    wait = "a minute" if retry_after is None else seconds_text(ceil(retry_after))
    if status == 429:
        kind: type[APIStatusError] = RateLimitError
        message, remedy = "Convirza's OAuth service asks for fewer requests (429).", f"Wait {wait}, then try again."
    elif status >= 500:
        kind, message, remedy = ServerError, f"Convirza's OAuth service failed ({status}).", f"Try again in {wait}."
    else:
        message = f"Convirza's OAuth service rejected the request ({status})."
        kind, remedy = BadRequestError, "Check CONVIRZA_OAUTH_URL."
        retry_after = None
    return kind(message, remedy=remedy, status=status, request_id=request_id, retry_after=retry_after)
