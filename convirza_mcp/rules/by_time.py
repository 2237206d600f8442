"""The time of a conversation that a question goes by, and the target of a first response."""

from collections.abc import Mapping
from typing import Literal

ByTime = Literal["latest", "started", "closed"]
"""Time of a conversation that a question uses: latest message, first message, or closing."""

TIME_FIELDS: Mapping[ByTime, str] = {
    "latest": "conversation_updated",
    "started": "conversation_started",
    "closed": "closed_at",
}
DEFAULT_TARGET = 15
"""Default target of a first response, in minutes."""
LONGEST_TARGET = 100_000
