"""The JSON envelope of a response, and the exception for a fault in it or an error status."""

import re
from collections.abc import Callable, Iterator, Mapping
from datetime import UTC, datetime
from email.utils import format_datetime, parsedate_to_datetime
from http import HTTPStatus
from itertools import islice
from math import ceil
from typing import Any

from pydantic_core import from_json

from convirza_mcp.clock.durations import seconds_text
from convirza_mcp.errors import (
    APIStatusError,
    AuthenticationError,
    BadRequestError,
    NotFoundError,
    PermissionDeniedError,
    RateLimitError,
    ServerError,
)
from convirza_mcp.text.clean import without_lone_surrogates

UUID = re.compile(r"[0-9A-Fa-f]{8}(?:-[0-9A-Fa-f]{4}){3}-[0-9A-Fa-f]{12}")
"""Pattern of a request id, as documented."""

# People see the id, so it must not carry other data: an id that is not a UUID must start with "req", and is too short
# for a secret, with too few digits for a phone number.
_SHORT_ID = re.compile(r"(?!(?:[^0-9]*[0-9]){7})req[_-][0-9A-Za-z_.-]{1,15}")

# Error bodies are undocumented. APIs of this kind repeat the status and its text under these keys.
_CODE = ("code", "statuscode", "status", "httpstatus", "httpstatuscode", "httpcode", "responsecode", "errorcode")
_WORDS = ("message", "error", "detail")
_STATED = (*_CODE, *_WORDS)
_STATUS = re.compile(r"\s*(?:HTTP(?:/[0-9.]+)?\s+)?([1-5][0-9]{2})(?:\.0+)?(?:\s+\D.*)?\s*", re.IGNORECASE | re.DOTALL)
_LONGEST_WORDS = 1_000
_MAX_BRACKETS = 100_000
_TEXT_OR_BRACKET = re.compile(rb'"[^"\\]*+(?:\\.[^"\\]*+)*+"?|([{\[])', re.DOTALL)
_LONGEST_WAIT = 86_400.0
_SUCCESS = frozenset({"ok", "success", "successful", "true", "0"})
_NO_SUCCESS = frozenset({"false", "0", "no"})
_NO_ERROR = frozenset({"none", "false", "0", "no", "", "[]", "{}"})
_FAILED = frozenset({"error", "fail", "failed", "failure"})


class FloodError(ValueError):
    """The JSON holds far more objects and lists than any answer; reading them would take 30 times its size."""


def parse_json(body: bytes, read: Callable[[bytes | str], Any] = from_json) -> Any:
    """Return the JSON value that `read` finds in `body`, with anything that cannot be a character replaced.

    Raises:
        FloodError: it holds more than 100,000 objects and lists.
        ValueError: it is not JSON.
    """
    if _is_flood(body):
        raise FloodError
    try:
        return read(body)
    except ValueError:
        # A message with half an emoji, a stray byte or a byte-order mark must not lose the page.
        return read(without_lone_surrogates(body.decode("utf-8-sig", errors="replace")))


def _is_flood(body: bytes) -> bool:
    # Each bracket has its counterpart, so most bodies are too short, and need no count.
    if len(body) <= 2 * _MAX_BRACKETS or body.count(b"{") + body.count(b"[") <= _MAX_BRACKETS:
        return False
    # Count only brackets outside strings.
    outside = (found for found in _TEXT_OR_BRACKET.finditer(body) if found[1])
    return next(islice(outside, _MAX_BRACKETS, None), None) is not None


def envelope_of(body: bytes) -> dict[str, Any]:
    """Return the JSON object in `body`; an empty one if there is none."""
    try:
        envelope = parse_json(body)
    except ValueError:
        return {}
    return envelope if isinstance(envelope, dict) else {}


def read_request_id(envelope: Mapping[str, Any]) -> str | None:
    """Return the request id for Convirza's support: `request_id` in successes, `requestId` in errors."""
    for key in ("request_id", "requestId"):
        value = envelope.get(key)
        if isinstance(value, str) and (UUID.fullmatch(value) or _SHORT_ID.fullmatch(value)):
            return value
    return None


def read_timestamp(envelope: Mapping[str, Any]) -> datetime | None:
    """Return Convirza's clock, aware; None if the envelope has no usable time."""
    try:
        moment = datetime.fromisoformat(envelope["timestamp"])
    except (KeyError, TypeError, ValueError):
        return None
    return None if moment.tzinfo is None else moment


def stated_status(envelope: Mapping[str, Any]) -> int | None:
    """Return the status that the envelope repeats in `code`, or under a name of this kind; None without one.

    Some gateways answer 200 and report the fault in the body. A number that is not an HTTP status is ignored.
    """
    if envelope.get("code") == 200:
        return 200
    objects = list(_objects(envelope))
    return next((status for each in objects for key in _STATED if (status := _status(each.get(key)))), None)


def denies_success(envelope: Mapping[str, Any]) -> bool:
    """Return whether any part of the envelope reports a fault, even beside `"code": 200`.

    An envelope with neither success nor fault, such as one without `code`, does not.
    """
    for each in _objects(envelope):
        said = {key: str(value).strip().lower() for key, value in each.items() if value is not None}
        if {said.get("success"), said.get("ok")} & _NO_SUCCESS or said.get("result") in _FAILED:
            return True
        if any(said.get(key, "") not in _NO_ERROR for key in ("error", "errors", "iserror", "haserror")):
            return True
        if any(not 200 <= status < 300 for key in _STATED if (status := _status(each.get(key)))):
            return True
    fields = _folded(envelope)
    code = next((fields[key] for key in _CODE if fields.get(key) is not None), None)
    return code is not None and _status(code) is None and str(code).strip().lower() not in _SUCCESS


def upstream_words(envelope: Mapping[str, Any]) -> str | None:
    """Return the upstream's own words about a fault, raw."""
    fields = _folded(envelope)
    return next((fields[key] for key in _WORDS if isinstance(fields.get(key), str)), None)


def _status(value: object) -> int | None:
    """Return the HTTP status of a number, or of text such as `401`, `401 Unauthorized` or `UNAUTHORIZED`."""
    if isinstance(value, bool) or not isinstance(value, int | float | str):
        return None
    found = _STATUS.fullmatch(str(value))
    if found is not None:
        return int(found[1])
    status = HTTPStatus.__members__.get(re.sub(r"[\s-]+", "_", str(value).strip()).upper())
    return None if status is None or status < 400 else int(status)


def _objects(envelope: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
    """Return the objects of an envelope that may report a fault, with lower-case names without separators."""
    top = _plain_names(envelope)
    errors = top.get("errors")
    first = errors[0] if isinstance(errors, list) and errors else None
    return (_plain_names(each) for each in (top, top.get("error"), first, top.get("meta"), top.get("data")))


def _folded(envelope: Mapping[str, Any]) -> dict[str, Any]:
    """Return the fields by their plain names, completed from an `error` object."""
    top = _plain_names(envelope)
    return _plain_names(top.get("error")) | top


def _plain_names(value: object) -> dict[str, Any]:
    if not isinstance(value, Mapping):
        return {}
    return {key.lower().replace("_", "").replace("-", ""): inner for key, inner in value.items()}


def status_error(status: int, headers: Mapping[str, str], body: bytes, *, token: str = "") -> APIStatusError:
    """Return the exception for a response with an error status.

    `body` may be truncated, HTML or empty. An error status in its envelope overrides `status`, which a gateway may have
    replaced. A success in the envelope does not, because data in an error response is not trustworthy. `token` is the
    token sent, in case the upstream repeats it.
    """
    envelope = envelope_of(body)
    stated, request_id, words = stated_status(envelope), read_request_id(envelope), upstream_words(envelope)
    status = status if stated is None or stated < 400 else stated
    if words is not None:
        words = words[:_LONGEST_WORDS].replace(token, "…") if token else words[:_LONGEST_WORDS]
    if request_id is not None and token and token in request_id:
        request_id = None
    retry_after = seconds_to_wait(headers.get("retry-after"))
    wait = "a minute" if retry_after is None else seconds_text(ceil(retry_after))
    kind, message, remedy = _kind(status, wait)
    return kind(
        message, remedy=remedy, status=status, request_id=request_id, retry_after=retry_after, upstream_words=words
    )


def seconds_to_wait(retry_after: str | None, now: datetime | None = None) -> float | None:
    """Return `Retry-After` in seconds, at most one day, from either of its forms; None for anything else.

    Strict on purpose: the back-off is a better guess than a malformed header.
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
        "Convirza rejected the request (400), and a retry will fail.",
        "Check `start`, `end` and `search`, or use a shorter window.",
    ),
    401: (
        AuthenticationError,
        "Convirza refused the token (401): it has expired (after 7 days), was revoked or is not a Convirza token.",
        "Log in again with `convirza-mcp login`, or replace the token in CONVIRZA_TOKEN_FILE or CONVIRZA_TOKEN.",
    ),
    403: (
        PermissionDeniedError,
        "Convirza denied access (403): the token's user is in no organization that can see this inbox.",
        "Ask a Convirza administrator, or log in as another user.",
    ),
    404: (
        NotFoundError,
        "Convirza found nothing at this address (404).",
        "Check that CONVIRZA_BASE_URL is the V3 business API.",
    ),
}


def _kind(status: int, wait: str) -> tuple[type[APIStatusError], str, str]:
    match status:
        case _ if status in _WORDS_FOR:
            return _WORDS_FOR[status]
        case 429:
            return RateLimitError, "Convirza asks for fewer requests (429).", f"Wait {wait}, then try again."
        case _ if status in (408, 425) or status >= 500:
            return ServerError, f"Convirza failed ({status}): nothing is wrong with the call.", f"Try again in {wait}."
        case _:
            message = f"Convirza rejected the request ({status}), and a retry will fail."
            return BadRequestError, message, "Change the request."
