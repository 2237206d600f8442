"""Requests and notifications that every JSON parser reads alike. Standard library only."""

from __future__ import annotations

import json

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

_BYTE_ORDER_MARK = b"\xef\xbb\xbf"
_LONGEST_LINE, _DEEPEST, _LARGEST_ID = 16_384, 64, 2**53


def read_plain_message(line: bytes) -> dict[str, Any] | None:
    """Return the message on a line; None where parsers may differ, or might refuse it."""
    if len(line) > _LONGEST_LINE or b"\\" in line or line.count(b"[") + line.count(b"{") > _DEEPEST:
        return None
    try:
        # No whole number is written NaN or Infinity.
        message = json.loads(
            line.removeprefix(_BYTE_ORDER_MARK).decode(), object_pairs_hook=_unique, parse_constant=int
        )
    except ValueError:
        return None
    if not isinstance(message, dict) or message.keys() - {"jsonrpc", "id", "method", "params"}:
        return None
    told = message.get("id", 0)
    plain_id = is_plain_number(told) or (isinstance(told, str) and told.isascii() and told.isprintable())
    named = message.get("jsonrpc") == "2.0" and isinstance(message.get("method"), str)
    return message if plain_id and named and isinstance(message.get("params", {}), dict) else None


def _unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    if len(made := dict(pairs)) < len(pairs):
        raise ValueError("a key twice")
    return made


def is_plain_number(value: object) -> bool:
    return type(value) is int and abs(value) < _LARGEST_ID
