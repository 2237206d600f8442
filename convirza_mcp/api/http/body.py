"""The JSON body of a response: its envelope, and what the envelope says about the request."""

import re
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from pydantic_core import from_json

from convirza_mcp.text.lone_surrogates import without_lone_surrogates

UUID = re.compile(r"[0-9A-Fa-f]{8}(?:-[0-9A-Fa-f]{4}){3}-[0-9A-Fa-f]{12}")
"""A request id, as documented."""

# People see the id, so it must not carry anything else: an id that is no UUID has to start with "req", and is too short
# for a secret, with too few digits for a phone number.
_SHORT_ID = re.compile(r"(?!(?:[^0-9]*[0-9]){7})req[_-][0-9A-Za-z_.-]{1,15}")

# Error bodies are undocumented: these are the keys under which APIs of this shape repeat the status, and word it.
_CODE = ("code", "statuscode", "status")
_WORDS = ("message", "error", "detail")
_STATUS = re.compile(r"\s*([1-5][0-9]{2})(?:\.0+)?\s*")
_SUCCESS = frozenset({"ok", "success", "true", "0"})


def parsed(body: bytes) -> Any:
    """Return the JSON value in `body`, with anything that cannot be a character replaced.

    Raises:
        ValueError: it is no JSON all the same.
    """
    try:
        return from_json(body)
    except ValueError:
        # A message with half an emoji, a stray byte or a byte order mark must not cost the page.
        return from_json(without_lone_surrogates(body.decode("utf-8-sig", errors="replace")))


def read_request_id(envelope: Mapping[str, Any]) -> str | None:
    """Return the id that support asks for: `request_id` in documented successes, `requestId` in described errors."""
    for key in ("request_id", "requestId"):
        value = envelope.get(key)
        if isinstance(value, str) and (UUID.fullmatch(value) or _SHORT_ID.fullmatch(value)):
            return value
    return None


def read_timestamp(envelope: Mapping[str, Any]) -> datetime | None:
    """Return Convirza's clock, aware; None where the envelope gives no usable time."""
    try:
        moment = datetime.fromisoformat(envelope["timestamp"])
    except (KeyError, TypeError, ValueError):
        return None
    return None if moment.tzinfo is None else moment


def stated_status(envelope: Mapping[str, Any]) -> int | None:
    """Return the status that the envelope repeats in `code`; None without one.

    Some gateways answer 200 and leave the fault to the body. A number that is no HTTP status says nothing here.
    """
    if envelope.get("code") == 200:
        return 200
    fields = _folded(envelope)
    for key in _CODE:
        value = fields.get(key)
        if isinstance(value, int | float | str) and not isinstance(value, bool):
            found = _STATUS.fullmatch(str(value))
            if found is not None:
                return int(found[1])
    return None


def denies_success(envelope: Mapping[str, Any]) -> bool:
    """Return whether the envelope reports a fault by other means than a status.

    An envelope that holds neither a success nor a fault, such as one without `code`, denies nothing.
    """
    fields = _folded(envelope)
    if fields.get("success") is False or fields.get("ok") is False or fields.get("error") or fields.get("errors"):
        return True
    status = stated_status(envelope)
    if status is not None:
        return not 200 <= status < 300
    code = next((fields[key] for key in _CODE if fields.get(key) is not None), None)
    return code is not None and str(code).strip().lower() not in _SUCCESS


def upstream_words(envelope: Mapping[str, Any]) -> str | None:
    """Return the upstream's own words about a fault, raw."""
    fields = _folded(envelope)
    return next((fields[key] for key in _WORDS if isinstance(fields.get(key), str)), None)


def _folded(envelope: Mapping[str, Any]) -> dict[str, Any]:
    """The fields by lower-case names without separators; an `error` object adds those that the envelope lacks."""
    fields: dict[str, Any] = {}
    inner = next((value for key, value in envelope.items() if key.lower() == "error"), None)
    for each in (inner, envelope):
        if isinstance(each, dict):
            fields |= {key.lower().replace("_", "").replace("-", ""): value for key, value in each.items()}
    return fields
