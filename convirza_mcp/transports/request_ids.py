"""The id of a request, as JSON, also in a line that no parser takes. Standard library only."""

from __future__ import annotations

import json
import re
from itertools import islice

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

_STRING = r'"(?:[^"\\]|\\.)*"'
_OPENING = re.compile(r"[^{]*\{")
_KEY = re.compile(rf"\s*({_STRING})\s*:\s*", re.DOTALL)
_SCALAR = re.compile(rf'({_STRING}|[^\s"\[\]{{}},:]+)\s*[,}}]', re.DOTALL)
# A string without an end goes to the end: else each quote in it would begin a search for one.
_BRACKET = re.compile(rf"{_STRING}?|[\[\]{{}}]", re.DOTALL)
_SEPARATOR = re.compile(r"\s*()[,}]")
# Enough for any request; many more would hold up the event loop.
_MAX_MEMBERS, _MAX_BRACKETS = 100, 100_000
_AROUND = "\ufeff \t\r\n"

NO_ID = "null"


def line_text(line: bytes) -> str:
    """Return the text of a line, without white space and byte-order marks around it."""
    return line.decode("utf-8", errors="replace").strip(_AROUND)


def id_of(raw: Any) -> str:
    """Return the id of a request; `NO_ID` for a response, whose id is ours."""
    if isinstance(raw, dict) and ("method" in raw or not {"result", "error"} & raw.keys()):
        match raw.get("id"):
            case bool():
                pass
            case str() | int() as told:
                return json.dumps(told)
            case float() as told if abs(told) < float("inf"):
                return json.dumps(told)
    return NO_ID


def id_in_fragment(text: str) -> str:
    """Return the id in the readable beginning of broken JSON: half a message, or one behind a stranger's characters."""
    raw: dict[str, Any] = {}
    # UTF-16 has a NUL beside each ASCII character.
    text = text.replace("\0", "")
    place = _OPENING.match(text)
    for _ in range(_MAX_MEMBERS):
        member = place and _KEY.match(text, place.end())
        if member is None:
            break
        key, place = member[1], _SCALAR.match(text, member.end()) or _after_nested(text, member.end())
        try:
            raw.setdefault(json.loads(key), json.loads(place[1]) if place and place[1] else None)
        except ValueError:
            break
    return id_of(raw)


def id_owed(line: bytes) -> str | None:
    """Return the id of a line's answer; None for a blank line, a notification or a response."""
    if not (text := line_text(line)):
        return None
    try:
        raw = json.loads(text)
    except (ValueError, RecursionError):
        return id_in_fragment(text)
    if isinstance(raw, dict) and ("id" not in raw if "method" in raw else {"result", "error"} & raw.keys()):
        return None
    return id_of(raw)


def _after_nested(text: str, start: int) -> re.Match[str] | None:
    """Return a match that ends behind the object or array at `start`, and behind the comma that follows it."""
    depth = 0
    for found in islice(_BRACKET.finditer(text, start), _MAX_BRACKETS):
        depth += 1 if found[0] in "[{" else -1 if found[0] in "]}" else 0
        if not depth:
            return _SEPARATOR.match(text, found.end())
    return None
