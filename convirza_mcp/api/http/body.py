"""The JSON body of a response, and the request id in its envelope."""

import re
from collections.abc import Mapping
from typing import Any

from pydantic_core import from_json

from convirza_mcp.text.lone_surrogates import without_half_pairs

# People see the id, so it must not carry anything else: an id that is no UUID has to start with "req", and is too short
# for a secret, with too few digits for a phone number.
UUID = re.compile(r"[0-9A-Fa-f]{8}(?:-[0-9A-Fa-f]{4}){3}-[0-9A-Fa-f]{12}")
"""A request id, as documented."""
_SHORT_ID = re.compile(r"(?!(?:[^0-9]*[0-9]){7})req[_-][0-9A-Za-z_.-]{1,15}")


def parsed(body: bytes) -> Any:
    """The JSON value in `body`, with what cannot be a character replaced.

    Raises:
        ValueError: it is no JSON all the same.
    """
    try:
        return from_json(body)
    except ValueError:
        # A message with half an emoji, a stray byte or a byte order mark must not cost the page.
        return from_json(without_half_pairs(body.decode("utf-8-sig", errors="replace")))


def read_request_id(envelope: Mapping[str, Any]) -> str | None:
    """The id that support asks for: `request_id` in documented successes, `requestId` in described errors."""
    for key in ("request_id", "requestId"):
        value = envelope.get(key)
        if isinstance(value, str) and (UUID.fullmatch(value) or _SHORT_ID.fullmatch(value)):
            return value
    return None
