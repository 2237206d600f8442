"""From the bytes of an answer to a `ConversationPage`, losing as little as possible.

Nullability and types are undocumented, so a field that cannot be read becomes None and is counted, and only a
row without a usable id is dropped, and counted. A body that is no page at all is an `InvalidResponseError`.
"""

import re
from collections import Counter
from datetime import datetime
from typing import Any

from pydantic import TypeAdapter, ValidationError

from convirza_mcp.api.http.body import parsed, read_request_id
from convirza_mcp.api.models import Conversation, ConversationPage
from convirza_mcp.api.query import MAX_LIMIT
from convirza_mcp.errors import InvalidResponseError

_ROWS = TypeAdapter(list[Conversation])

_MOST_ROWS = 10 * MAX_LIMIT
"""An API that ignores `limit` is read all the same; a flood of rows would hold up every other call."""


def read_page(body: bytes) -> ConversationPage:
    """Read a success envelope.

    Raises:
        InvalidResponseError: the body is not JSON, or has no `data.conversation` list.
    """
    try:
        envelope = parsed(body)
    except ValueError:
        raise InvalidResponseError(
            "Convirza's answer is not valid JSON, or was cut off; try once more, and tell Convirza's support if it "
            "stays so."
        ) from None
    data = envelope.get("data") if isinstance(envelope, dict) else None
    rows = data.get("conversation") if isinstance(data, dict) else None
    if not isinstance(data, dict) or not isinstance(rows, list):
        raise InvalidResponseError(
            "Convirza's answer holds no list of conversations; check that CONVIRZA_BASE_URL is the V3 business API."
        )
    if len(rows) > _MOST_ROWS:
        raise InvalidResponseError(
            f"Convirza's answer holds more than {_MOST_ROWS} conversations, ten times what a page may; try again, and "
            "tell Convirza's support if it stays so."
        )
    conversations, dropped, unreadable, unreadable_fields = _read_rows(rows)
    total = _read_total(data.get("total"))
    if total is None:
        unreadable["total"] += 1
    return ConversationPage(
        conversations=tuple(conversations),
        dropped=tuple(sorted(dropped)),
        total=total,
        answered_at=_read_moment(envelope.get("timestamp")),
        request_id=read_request_id(envelope),
        unreadable=dict(unreadable),
        unreadable_fields=unreadable_fields,
    )


def _read_moment(value: Any) -> datetime | None:
    try:
        moment = datetime.fromisoformat(value)
    except (TypeError, ValueError):
        return None
    return None if moment.tzinfo is None else moment


def _read_rows(rows: list[Any]) -> tuple[list[Conversation], set[int], Counter[str], dict[int, frozenset[str]]]:
    try:
        return _ROWS.validate_python(rows), set(), Counter(), {}
    except ValidationError as error:
        faults = error.errors(include_url=False, include_context=False, include_input=False)
    unreadable: Counter[str] = Counter()
    dropped: set[int] = set()
    mended: dict[int, dict[str, Any]] = {}
    nulled: dict[int, set[str]] = {}
    for fault in faults:
        place, *field = fault["loc"]
        index = int(place)
        if not field or field[0] == "conversation_id":
            dropped.add(index)
        elif index not in dropped:
            name = str(field[0])
            mended.setdefault(index, dict(rows[index]))[name] = None
            nulled.setdefault(index, set()).add(name)
            unreadable[name] += 1
    places = [index for index in range(len(rows)) if index not in dropped]
    conversations = _ROWS.validate_python([mended.get(index, rows[index]) for index in places])
    # Mostly the same few: one object for each, since tens of thousands of rows may be held.
    same: dict[frozenset[str], frozenset[str]] = {}
    fields = {
        conversation.conversation_id: same.setdefault(frozenset(nulled[index]), frozenset(nulled[index]))
        for index, conversation in zip(places, conversations, strict=True)
        if index in nulled
    }
    return conversations, dropped, unreadable, fields


def _read_total(value: object) -> int | None:
    if isinstance(value, str) and re.fullmatch(r"[0-9]{1,12}", value):
        return int(value)
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    return value if isinstance(value, int) and not isinstance(value, bool) and value >= 0 else None
