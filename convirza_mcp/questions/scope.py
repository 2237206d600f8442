"""What the whole-inbox tools share: their arguments, and reading the views that they name."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Annotated, Literal

from pydantic import Field

from convirza_mcp.accounts.account import Context
from convirza_mcp.api.query import Order, View
from convirza_mcp.clock.window import Window
from convirza_mcp.rules.filters import narrowed
from convirza_mcp.scan.cache import AskedView
from convirza_mcp.scan.coverage import Coverage, unreadable_text
from convirza_mcp.scan.seen import Seen, together

DEFAULT_DAYS = 30
"""Longer than the API's own window: an old unread conversation is the one that matters."""

AnyView = Literal["allOpen", "assignedToYou", "unassigned", "close", "all"]

ViewArgument = Annotated[AnyView, Field(description="View, as in list_sms_conversations; all: open and closed.")]
AgentArgument = Annotated[
    str | None, Field(max_length=255, description="Only this agent's, whole name; none: nobody's.")
]
LineArgument = Annotated[str | None, Field(max_length=255, description="Only this business line's.")]
StartArgument = Annotated[str | None, Field(description="As in list_sms_conversations. Default: 30 days before end.")]
EndArgument = Annotated[str | None, Field(description="Default: now.")]


@dataclass(frozen=True, slots=True)
class Inbox:
    """The conversations that a question is about, what was read for it, and whether a cut left the oldest in."""

    seen: list[Seen]
    coverage: Coverage
    window: Window
    holds_oldest: bool


async def read_inbox(
    context: Context,
    *,
    type: AnyView,  # noqa: A002 - the API's name
    start: str | None,
    end: str | None,
    agent: str | None = None,
    phone_number: str | None = None,
    order: Order = "desc",
) -> Inbox:
    """Read the views whole, and keep what the question is about.

    Raises:
        ConvirzaError: as `convirza_mcp.errors` describes.
    """
    window = Window.read(start, end, now=context.now(), zone=context.settings.zone, default_days=DEFAULT_DAYS)
    names: tuple[View, ...] = ("allOpen", "close") if type == "all" else (type,)
    asked = [AskedView(name, start, end) for name in names]
    read = await context.views.read_all(asked, window, order=order, progress=context.progress)
    seen = together(read)
    parts = [whole.coverage for whole in read]
    coverage = parts[0] if len(parts) == 1 else Coverage.together(parts, len(seen))
    # An answer from memory is about the window of its own time.
    return Inbox(
        narrowed(seen, agent=agent, phone_number=phone_number),
        coverage,
        read[0].window,
        all(whole.holds_oldest for whole in read),
    )


def unreadable_part(counts: Mapping[str, int]) -> dict[str, str]:
    """The part of an answer's head that says which nulls are no nulls of Convirza's; empty where there are none."""
    text = unreadable_text(counts)
    return {} if text is None else {"unreadable": text}
