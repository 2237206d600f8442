"""One seeded conversation."""

from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class Conversation:
    """A conversation as the API returns it, with facts that no field of its row states for certain.

    `row` has the 16 documented fields. `started` and `updated` are whole seconds since 1970 in UTC, the same moments as
    the row's `conversation_started` and `conversation_updated`. `origin` is `incoming` or `outgoing`: who wrote first.
    """

    row: dict[str, Any]
    closed: bool
    origin: str
    started: int
    updated: int
