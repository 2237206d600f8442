"""Limit of one row of a ranked or searched list, so that a list has enough rows."""

from collections.abc import Callable, Sequence
from typing import NamedTuple

from pydantic_core import to_json

from convirza_mcp.answers.records import LONGEST_NAME, Value
from convirza_mcp.text.tokens import estimate_tokens

ROW_TOKENS = 60

_MARGIN = 7
"""Tokens by which the estimate may be too low for one row (abbreviations, some scripts); over many it is too high."""


# Shortest message and longest name: a message of a few words matters more than whole names.
_LIMITS = ((24, LONGEST_NAME), (24, 24), (12, 12), (4, 4))


class Lengths(NamedTuple):
    """Maximum characters of a row's message, and of each of its other texts."""

    message: int
    name: int = LONGEST_NAME


def row_within(
    row_at: Callable[[Lengths], Sequence[Value]], message_length: int, *, tokens: int = ROW_TOKENS
) -> list[Value]:
    """Return the row of `row_at` with as much of its message as fits the tokens, `message_length` at most.

    Scripts differ in what a character costs by a factor of ten.
    """
    most = tokens - _MARGIN
    row = list(row_at(Lengths(message_length)))
    for shortest, name_length in _LIMITS:
        length = message_length
        while (cost := _cost(row)) > most and length > shortest:
            bare = _cost(row_at(Lengths(0, name_length)))
            by_share = length * (most - bare) // max(1, cost - bare)
            length = max(shortest, min(length - 4, by_share))
            row = list(row_at(Lengths(length, name_length)))
        if cost <= most:
            break
    return row


def _cost(row: Sequence[Value]) -> int:
    # Includes the comma and the line break after it.
    return estimate_tokens(to_json(row).decode()) + 1
