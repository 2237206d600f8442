"""What the questions about whole views share: which views they read, and the conversations they keep."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from convirza_mcp.accounts.account import Request
from convirza_mcp.answers.hints import Hint, Name, argument, hint
from convirza_mcp.api.models import Order, View
from convirza_mcp.clock.window import Window
from convirza_mcp.questions.narrowing import EVERYTHING, Narrowing, narrow
from convirza_mcp.rules.completion_values import agents_in, lines_in
from convirza_mcp.scan.results import AskedView, Coverage, Seen, WholeView, together

DEFAULT_DAYS = 30
"""Longer than the API's own window: an old unread conversation is the one that matters."""

AnyView = Literal["allOpen", "assignedToYou", "unassigned", "close", "all"]
"""One of the API's views; `all`: `allOpen` and `close`."""


@dataclass(frozen=True, slots=True)
class Selection:
    """The conversations a question is about, what was read for it, and whether a cut left the oldest in.

    `narrowing` says what the agent and the line were taken for.
    """

    seen: list[Seen]
    coverage: Coverage
    window: Window
    holds_oldest: bool
    narrowing: Narrowing = EVERYTHING
    views: Sequence[WholeView] = ()


async def select(
    request: Request,
    view: AnyView,
    window: Window,
    *,
    agent: str | None,
    phone_number: str | None,
    order: Order = "desc",
) -> Selection:
    """Read the views whole, and keep the conversations of this agent and business line."""
    asked = window.asked or (window.start.isoformat(), window.end.isoformat())
    views = [AskedView(name, *asked) for name in views_of(view)]
    read = await request.account.views.read_all(views, window, order=order, progress=request.progress)
    seen = together(read)
    parts = [whole.coverage for whole in read]
    coverage = parts[0] if len(parts) == 1 else Coverage.together(parts, len(seen))
    known = {"agent": lambda: agents_in(read), "phone_number": lambda: lines_in(read)}
    kept, narrowing = narrow(seen, known, agent=agent, phone_number=phone_number)
    # An answer from memory is about the window of its own time.
    return Selection(
        kept,
        coverage,
        read[0].window,
        all(whole.holds_oldest for whole in read),
        narrowing=narrowing,
        views=read,
    )


def unmatched_note(given: Sequence[str]) -> Hint:
    """Say that none of the conversations read passes the filters `given`."""
    names = [part for name in given for part in (" and ", argument(name))][1:]
    return hint("None of the conversations read has this ", *names, "; check it, or ask without it.")


def views_of(view: AnyView) -> tuple[View, ...]:
    return ("allOpen", "close") if view == "all" else (view,)


def longer_start(window: Window, *, at_least: int = 30) -> Name | None:
    """Name the `start` of a longer window, of at least so many days; None where there is none to suggest."""
    start = window.longer_start(at_least=at_least)
    return None if start is None else argument("start", start)


def read_window(request: Request, start: str | None, end: str | None) -> Window:
    """Read the window of a whole-inbox question; by default it has `DEFAULT_DAYS`.

    Raises:
        InvalidArgumentError: an expression cannot be read, or `end` is not after `start`.
    """
    return Window.read(start, end, now=request.now, zone=request.account.settings.zone, default_days=DEFAULT_DAYS)
