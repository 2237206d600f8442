"""Scope of questions about whole views: the views to read, and the agent and line to filter by."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from convirza_mcp.accounts.account import Request
from convirza_mcp.answers.head import note_part
from convirza_mcp.answers.hints import Hint, argument, hint
from convirza_mcp.api.models import AnyView, Order, View
from convirza_mcp.business_lines import BusinessLines, line_label
from convirza_mcp.clock.window import Window
from convirza_mcp.privacy.aliases import parse_alias
from convirza_mcp.rules.completion_values import agents_in, lines_in
from convirza_mcp.rules.grouping import UNASSIGNED, narrowed
from convirza_mcp.rules.names import agents_named, lines_numbered
from convirza_mcp.scan.results import Coverage, RequestedView, Seen, WholeView, merge_views
from convirza_mcp.text.clean import clip

DEFAULT_DAYS = 30
"""Longer than the API's default window, because old unread conversations matter most."""

MAX_MATCHES = 10
_MAX_LISTED = 20
_LONGEST = 80
_LONGEST_LISTED = 40

_CALLED = {"agent": "agent", "phone_number": "line"}


@dataclass(frozen=True, slots=True)
class Narrowing:
    """Meaning of the arguments `agent` and `phone_number`. `by` has the whole value of each. `unclear` is the argument
    that fits none or several of the names read; then no conversation is shown. `matches` has the first 10 names that
    fit. `note` says what to do, and lists the existing names if none fits. `unmatched`: no conversation read has the
    names.
    """

    by: Mapping[str, str] = field(default_factory=dict, hash=False)
    lines: BusinessLines = field(default_factory=dict, hash=False, repr=False)
    unclear: str | None = None
    matches: tuple[str, ...] = ()
    note: Hint | None = None
    unmatched: bool = False

    @property
    def filters(self) -> dict[str, str | None]:
        """Return the whole values as arguments."""
        return {name: self.by.get(name) for name in _CALLED}

    def shown(self) -> dict[str, str]:
        """Return the whole values, cut as in rows; a line has its number and name."""
        return {name: clip(_label(name, value, self.lines), _LONGEST) for name, value in self.by.items()}

    def below(self, notes: Sequence[Hint]) -> dict[str, Any]:
        """Return the keys below an answer's `untrusted` line: the values, and notes that list names."""
        part: dict[str, Any] = {"narrowed_by": self.shown()} if self.by else {}
        if self.note in notes:
            part |= note_part(notes)
        return part | ({"matches": list(self.matches)} if self.matches else {})

    def above(self, notes: Sequence[Hint]) -> dict[str, str]:
        """Return the notes for the head of an answer, if they list no names."""
        return {} if self.note in notes else note_part(notes)

    def document(self) -> dict[str, Any]:
        """Return the keys of a command's `--json` document."""
        return {"narrowed_by": self.shown(), "candidates": list(self.matches)}


EVERYTHING = Narrowing()


def narrow(
    seen: Sequence[Seen],
    known: Mapping[str, Callable[[], list[str]]],
    lines: BusinessLines,
    *,
    agent: str | None,
    phone_number: str | None,
) -> tuple[list[Seen], Narrowing]:
    """Return the conversations of this agent (`none`: unassigned) and line, and the meaning of both arguments.

    `known` returns the existing names, clean, by argument.
    """
    by: dict[str, str] = {}
    for name, text in (("agent", agent), ("phone_number", phone_number)):
        if text is None:
            continue
        if name == "agent" and text.casefold() == UNASSIGNED:
            by[name] = UNASSIGNED
            continue
        if name == "phone_number" and (alias := parse_alias(text)) is not None:
            by[name] = alias
            continue
        names = known[name]()
        found = agents_named(text, names) if name == "agent" else lines_numbered(text, names, lines)
        if len(found) == 1:
            by[name] = found[0]
        elif seen or names:
            found, names = ([_label(name, each, lines) for each in labeled] for labeled in (found, names))
            return [], _unclear(by, name, found, names)
    narrowing = Narrowing(by, lines)
    kept = narrowed(seen, **narrowing.filters)
    if seen and not kept:
        # `none` is not a name, so it cannot be misspelled.
        named = {name: None if value == UNASSIGNED else value for name, value in narrowing.filters.items()}
        narrowing = Narrowing(by, lines, unmatched=not narrowed(seen, **named))
    return kept, narrowing


def _label(name: str, value: str, lines: BusinessLines) -> str:
    return line_label(value, lines) if name == "phone_number" else value


def _unclear(by: Mapping[str, str], name: str, found: list[str], names: list[str]) -> Narrowing:
    called = _CALLED[name]
    if found:
        shown = tuple(clip(each, _LONGEST) for each in found[:MAX_MATCHES])
        several = hint(
            f"{len(found)} {called}s fit the ", argument(name), " given; nothing is shown. Ask with one of them."
        )
        return Narrowing(by, unclear=name, matches=shown, note=several, unmatched=True)
    if not names:
        nothing = hint("None of the conversations read has this ", argument(name), f", or any {called}.")
        return Narrowing(by, unclear=name, note=nothing, unmatched=True)
    listed = ", ".join(clip(each, _LONGEST_LISTED) for each in names[:_MAX_LISTED])
    more = f" and {len(names) - _MAX_LISTED} more" if len(names) > _MAX_LISTED else ""
    names_read = f" given; the conversations read have the {called}s {listed}{more}."
    return Narrowing(by, unclear=name, note=hint(f"No {called} fits the ", argument(name), names_read), unmatched=True)


@dataclass(frozen=True, slots=True)
class Selection:
    """Conversations of a question, with coverage and window; `holds_oldest` if a partial read includes the oldest.

    `narrowing` has the meaning of agent and line.
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
    """Read all pages of the views, and keep the conversations of this agent and business line."""
    expressions = window.expressions or (window.start.isoformat(), window.end.isoformat())
    views = [RequestedView(name, *expressions) for name in views_of(view)]
    read = await request.account.views.read_all(views, window, order=order, progress=request.progress)
    seen = merge_views(read)
    parts = [whole.coverage for whole in read]
    coverage = parts[0] if len(parts) == 1 else Coverage.merge(parts, len(seen))
    kept, narrowing = narrow(
        seen, _names_in(read), request.account.settings.lines, agent=agent, phone_number=phone_number
    )
    # A cached answer has the window of the time when it was read.
    return Selection(
        kept,
        coverage,
        read[0].window,
        all(whole.holds_oldest for whole in read),
        narrowing=narrowing,
        views=read,
    )


def narrow_alike(
    first: Selection, second: Selection, *, agent: str | None, phone_number: str | None
) -> tuple[Selection, Selection]:
    """Keep the conversations of one agent and one line in both, by the names that occur in either."""
    names = _names_in((*first.views, *second.views))
    _, narrowing = narrow(
        [*first.seen, *second.seen], names, first.narrowing.lines, agent=agent, phone_number=phone_number
    )

    def kept(part: Selection) -> Selection:
        seen = [] if narrowing.unclear else narrowed(part.seen, **narrowing.filters)
        return replace(part, seen=seen, narrowing=narrowing)

    return kept(first), kept(second)


def _names_in(views: Sequence[WholeView]) -> dict[str, Callable[[], list[str]]]:
    return {"agent": lambda: agents_in(views), "phone_number": lambda: lines_in(views)}


def unmatched_note(given: Sequence[str]) -> Hint:
    """Return the note that no conversation read passes the filters `given`."""
    names = [part for name in given for part in (" and ", argument(name))][1:]
    return hint("None of the conversations read has this ", *names, "; check it, or ask without it.")


def views_of(view: AnyView) -> tuple[View, ...]:
    return ("allOpen", "close") if view == "all" else (view,)


def read_window(request: Request, start: str | None, end: str | None) -> Window:
    """Return the window of a whole-inbox question, by default of `DEFAULT_DAYS`.

    Raises:
        InvalidArgumentError: an expression cannot be read, or `end` is not after `start`.
    """
    return Window.read(start, end, now=request.now, zone=request.account.settings.zone, default_days=DEFAULT_DAYS)
