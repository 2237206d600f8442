"""Read a response's body into a `ConversationPage`, and lose as little as possible.

Nullability and types are undocumented. An unreadable field becomes None and is counted; only a row without a usable id
is dropped, and counted. A body that is not a page raises `InvalidResponseError`.
"""

import re
from collections import Counter
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import replace
from functools import cache
from typing import Annotated, Any, TypeGuard

from pydantic import FailFast, TypeAdapter, ValidationError, with_config
from pydantic_core import from_json, to_json
from typing_extensions import TypedDict

from convirza_mcp.api.http.envelope import FloodError, denies_success, parse_json, read_request_id, read_timestamp
from convirza_mcp.api.models import MAX_LIMIT, Conversation, ConversationPage
from convirza_mcp.errors import InvalidResponseError
from convirza_mcp.text.entities import decoded


@with_config(extra="allow")
class _Data(TypedDict, total=False):
    conversation: Annotated[list[Conversation], FailFast()]


@with_config(extra="allow")
class _Envelope(TypedDict):
    data: _Data


_READABLE = TypeAdapter(_Envelope)

_MAX_ROWS = 10 * MAX_LIMIT
"""Accept an API that ignores `limit`, but not a flood of rows, which would block every other call."""

_LARGE = 1024 * 1024
"""Several times the bytes of a page of 200 rows."""


def read_envelope(body: bytes) -> dict[str, Any]:
    """Read the JSON object in an answer of the business API. Its rows are conversations already if all are readable.

    Raises:
        InvalidResponseError: the body is something else.
    """
    try:
        envelope = parse_json(body, _read)
    except FloodError:
        raise _too_many_rows() from None
    except ValueError:
        raise InvalidResponseError(
            "Convirza's answer is not valid JSON, or was cut off.",
            remedy="Try again. If it happens again, contact Convirza support.",
        ) from None
    if not isinstance(envelope, dict):
        raise _no_conversations()
    return envelope


def _read(body: bytes | str) -> Any:
    # In one step, which takes half the time, but for a flood of values much memory.
    if len(body) <= _LARGE:
        with suppress(ValidationError):
            return _READABLE.validate_json(body)
    return from_json(body)


def read_page(envelope: Mapping[str, Any], offset: int = 0) -> ConversationPage:
    """Read the page at `offset` from a success envelope.

    Raises:
        InvalidResponseError: there is no `data.conversation` list, and no total of 0.
    """
    rows, given_total = _rows_and_total(envelope.get("data"), offset)
    if rows is None:
        raise _no_conversations()
    if not rows and denies_success(envelope):
        raise InvalidResponseError(
            "Convirza's answer reports a fault, and has no conversations.",
            remedy="Try again. If it happens again, contact Convirza support.",
        )
    if len(rows) > _MAX_ROWS:
        raise _too_many_rows()
    conversations, dropped, unreadable = _read_rows(rows)
    total = _read_total(given_total)
    if total is None:
        unreadable["total"] += 1
    return ConversationPage(
        conversations=tuple(map(_with_characters, conversations)),
        dropped=tuple(sorted(dropped)),
        total=total,
        answered_at=read_timestamp(envelope),
        request_id=read_request_id(envelope),
        unreadable=dict(unreadable),
    )


def _no_conversations() -> InvalidResponseError:
    return InvalidResponseError(
        "Convirza's answer has no list of conversations.",
        remedy="Check that CONVIRZA_BASE_URL is the V3 business API.",
    )


def _too_many_rows() -> InvalidResponseError:
    return InvalidResponseError(
        f"Convirza's answer has more than {_MAX_ROWS} conversations, ten times the page limit.",
        remedy="Try again. If it happens again, contact Convirza support.",
    )


def _rows_and_total(data: Any, offset: int) -> tuple[list[Any] | None, Any]:
    """Return the rows and the raw total; None for the rows if they are missing and the total is not 0."""
    if data == []:
        # Some languages write an empty object like this. Beyond the first page it does not imply a total.
        return [], None if offset else 0
    if not isinstance(data, dict):
        return None, None
    rows, total = data.get("conversation"), data.get("total")
    # Anything but a list counts as empty only if the total expects no rows here.
    expected = _read_total(total)
    if expected is not None and expected <= offset and _is_nothing(rows[0] if _is_single(rows) else rows):
        return [], total
    return rows if isinstance(rows, list) else None, total


def _is_single(rows: object) -> TypeGuard[list[Any]]:
    return isinstance(rows, list) and len(rows) == 1


def _is_nothing(value: object) -> bool:
    """Return whether it is an empty value of some language, also as text: `None`, `{}`, `""`, `"[]"`, `"null"`."""
    return not value or (isinstance(value, str) and value.strip() in ("", "[]", "{}", "null"))


def _read_rows(rows: list[Any]) -> tuple[list[Conversation], set[int], Counter[str]]:
    if rows and isinstance(rows[0], Conversation):
        return rows, set(), Counter()
    try:
        return _from_python(rows), set(), Counter()
    except ValidationError as error:
        faults = error.errors(include_url=False, include_context=False, include_input=False)
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
    unreadable = Counter(name for names in nulled.values() for name in names)
    places = [index for index in range(len(rows)) if index not in dropped]
    conversations = _from_python([mended.get(index, rows[index]) for index in places])
    # Share equal values, because tens of thousands of rows may be held.
    same: dict[frozenset[str], frozenset[str]] = {}
    for at, index in enumerate(places):
        if index in nulled:
            names = frozenset(nulled[index])
            conversations[at] = replace(conversations[at], unreadable=same.setdefault(names, names))
    return conversations, dropped, unreadable


def _from_python(rows: list[Any]) -> list[Conversation]:
    # As JSON again, because a number that stands for a text has another form in Python: 1.0 for 1.
    return _rows().validate_json(to_json(rows))


@cache
def _rows() -> TypeAdapter[list[Conversation]]:
    # Built at first use, because nearly all answers are read in one step.
    return TypeAdapter(list[Conversation])


def _read_total(value: object) -> int | None:
    if isinstance(value, str) and (found := re.fullmatch(r"\s*([0-9]{1,12})(?:\.0+)?\s*", value)):
        return int(found[1])
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    return value if isinstance(value, int) and not isinstance(value, bool) and value >= 0 else None


_TEXT_FIELDS = ("message", "source_name", "agent", "source")


def _with_characters(row: Conversation) -> Conversation:
    """Return the conversation with the HTML entities in its texts decoded; the texts are cleaned later."""
    # All texts at once, because this runs for tens of thousands of rows, and most have no entity.
    if "&" not in f"{row.message}{row.source_name}{row.agent}{row.source}":
        return row
    texts: dict[str, Any] = {name: decoded(text) for name in _TEXT_FIELDS if (text := getattr(row, name))}
    return replace(row, **texts)
