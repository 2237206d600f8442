"""Map an error status to an exception that says what to do."""

from collections.abc import Mapping
from datetime import UTC, datetime
from email.utils import format_datetime, parsedate_to_datetime
from math import ceil

from convirza_mcp.api.http.body import parsed, read_request_id, stated_status, upstream_words
from convirza_mcp.errors import (
    APIStatusError,
    AuthenticationError,
    BadRequestError,
    NotFoundError,
    PermissionDeniedError,
    RateLimitError,
    ServerError,
)

_LONGEST_WORDS = 1_000
_LONGEST_WAIT = 86_400.0


def status_error(status: int, headers: Mapping[str, str], body: bytes, *, token: str = "") -> APIStatusError:
    """Return the exception for a response with an error status.

    `body` may be cut short, HTML or empty. The error status in its envelope outranks `status`: a gateway may have
    replaced the latter. A success in the envelope does not: data that came with an error is not to be trusted.
    `token` is the token sent, in case the upstream repeats it.
    """
    stated, request_id, words = _read_error_body(body)
    status = status if stated is None or stated < 400 else stated
    if words is not None and token:
        words = words.replace(token, "…")
    if request_id is not None and token and token in request_id:
        request_id = None
    retry_after = seconds_to_wait(headers.get("retry-after"))
    wait = "a minute" if retry_after is None else f"{ceil(retry_after)} seconds"
    kind, message, remedy = _kind(status, wait)
    return kind(
        message,
        remedy=remedy,
        status=status,
        request_id=request_id,
        retry_after=retry_after,
        upstream_words=words,
    )


def seconds_to_wait(retry_after: str | None, now: datetime | None = None) -> float | None:
    """`Retry-After` in seconds, at most a day's, from either of its forms; None for anything else.

    Strict on purpose: a header that is not to the letter is a guess, and the back-off is a better one.
    """
    text = (retry_after or "").strip()
    if text.isascii() and text.isdigit() and len(text) <= 9:
        return min(float(text), _LONGEST_WAIT)
    try:
        moment = parsedate_to_datetime(text)
        to_the_letter = format_datetime(moment, usegmt=True) == text
    except (ValueError, OverflowError):
        return None
    if not to_the_letter:
        return None
    return min(max(0.0, (moment - (now or datetime.now(UTC))).total_seconds()), _LONGEST_WAIT)


_WORDS_FOR: Mapping[int, tuple[type[APIStatusError], str, str]] = {
    400: (
        BadRequestError,
        "Convirza did not accept the request (400), and the same call will fail again.",
        "Check `start`, `end` and `search`, or ask for a shorter window.",
    ),
    401: (
        AuthenticationError,
        "Convirza refused the token (401): it has expired (after 7 days), was revoked or is not a Convirza token.",
        "Log in again with `convirza-mcp login`, or put a new one where CONVIRZA_TOKEN_FILE or CONVIRZA_TOKEN has it.",
    ),
    403: (
        PermissionDeniedError,
        "Convirza denied access (403): the token's user belongs to no organization that may see this inbox.",
        "Ask a Convirza administrator.",
    ),
    404: (
        NotFoundError,
        "Convirza found nothing at this address (404).",
        "Check that CONVIRZA_BASE_URL is the V3 business API.",
    ),
}


def _kind(status: int, wait: str) -> tuple[type[APIStatusError], str, str]:
    """The class of the error, its message and its remedy."""
    match status:
        case _ if status in _WORDS_FOR:
            return _WORDS_FOR[status]
        case 429:
            return RateLimitError, "Convirza asks for fewer requests (429).", f"Wait {wait}, then try again."
        case _ if status >= 500:
            return ServerError, f"Convirza failed ({status}): nothing is wrong with the call.", f"Try again in {wait}."
        case _:
            message = f"Convirza did not accept the request ({status}), and the same call will fail again."
            return BadRequestError, message, "Change the request."


def _read_error_body(body: bytes) -> tuple[int | None, str | None, str | None]:
    try:
        envelope = parsed(body)
    except ValueError:
        envelope = None
    if not isinstance(envelope, dict):
        return None, None, None
    words = upstream_words(envelope)
    return stated_status(envelope), read_request_id(envelope), None if words is None else words[:_LONGEST_WORDS]
