"""What one row of a ranked or searched list may cost: a list is only as useful as the rows that fit beside it."""

from collections.abc import Callable, Sequence
from typing import NamedTuple

from pydantic_core import to_json

from convirza_mcp.answers.records import LONGEST_NAME, Value
from convirza_mcp.text.tokens import estimate_tokens

ROW_TOKENS = 60

_MARGIN = 7
"""How many tokens our estimate may be low for one row of abbreviations or of a language written in a foreign script;
over many rows it leans to the high side."""


class _Limits(NamedTuple):
    shortest_message: int
    longest_name: int


# A message of a few words comes before whole names. The last is for names that no script of people needs.
_LIMITS = (_Limits(24, LONGEST_NAME), _Limits(24, 24), _Limits(12, 12), _Limits(4, 4))


class Lengths(NamedTuple):
    """The most characters of a row's message, and of each of its other texts."""

    message: int
    name: int = LONGEST_NAME


def row_within(
    row_at: Callable[[Lengths], Sequence[Value]], message_length: int, *, tokens: int = ROW_TOKENS
) -> list[Value]:
    """The row that `row_at` makes, with as much of its message as so many tokens hold, `message_length` at most.

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
    # With the comma and the line break that follow it.
    return estimate_tokens(to_json(row).decode()) + 1
