"""Scope of questions about whole views: the views to read, and the agent and line to filter by."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from convirza_mcp.accounts.account import Request
from convirza_mcp.answers.head import note_part
from convirza_mcp.answers.hints import Hint, Name, argument, hint, series
from convirza_mcp.api.models import AnyView, Order, View
from convirza_mcp.business_lines import BusinessLines, line_label
from convirza_mcp.clock.window import Window
from convirza_mcp.privacy.aliases import parse_alias
from convirza_mcp.rules.completion_values import agents_in, lines_in
from convirza_mcp.rules.grouping import COLUMNS, UNASSIGNED, narrowed
from convirza_mcp.rules.names import agents_named, lines_numbered
from convirza_mcp.scan.results import Coverage, RequestedView, Seen, WholeView, merge_views
from convirza_mcp.text.clean import clip
from convirza_mcp.text.fold import name_key

DEFAULT_DAYS = 30
"""Longer than the API's default window, because old unread conversations matter most."""

Names = Mapping[str, str]
"""Arguments `agent` and `phone_number` that the caller gave, or what they mean."""

MAX_MATCHES = 10
_MAX_LISTED = 20
_LONGEST = 80
_LONGEST_LISTED = 40
_WITHOUT_AGENT = ("unassigned", name_key(COLUMNS["agent"].missing))
"""What answers call conversations without an agent."""
_CALLED = {"agent": "agent", "phone_number": "line"}


@dataclass(frozen=True, slots=True)
class Narrowing:
    """Meaning of the arguments `agent` and `phone_number`. `by` has the whole value of each. `unclear` is the argument
    that fits none or several of the names read; then no conversation is shown. `matches` has the first 10 names that
    fit. `note` says what to do, and lists the existing names if none fits. `unmatched`: no conversation read has the
    names.
    """

    by: Names = field(default_factory=dict, hash=False)
    lines: BusinessLines = field(default_factory=dict, hash=False, repr=False)
    unclear: str | None = None
    matches: tuple[str, ...] = ()
    note: Hint | None = None
    unmatched: bool = False

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
        return {"narrowed_by": self.shown(), "candidates": list(self.matches)}


def narrow(
    seen: Sequence[Seen], known: Mapping[str, Callable[[], list[str]]], lines: BusinessLines, given: Names
) -> tuple[list[Seen], Narrowing]:
    """Return the conversations of the agent (`none`: unassigned) and the line given, and what the names mean.

    `known` returns the existing names, clean, by argument.
    """
    by: dict[str, str] = {}
    for name, text in given.items():
        if name == "agent" and text.casefold() == UNASSIGNED:
            by[name] = UNASSIGNED
            continue
        if name == "phone_number" and (alias := parse_alias(text)) is not None:
            by[name] = alias
            continue
        names = known[name]()
        found = agents_named(text, names) if name == "agent" else lines_numbered(text, names, lines)
        if name == "agent" and not found and name_key(text) in _WITHOUT_AGENT:
            by[name] = UNASSIGNED
        elif len(found) == 1:
            by[name] = found[0]
        elif seen or names:
            found, names = ([_label(name, each, lines) for each in labeled] for labeled in (found, names))
            return [], _unclear(by, name, found, names)
    kept = narrowed(seen, by)
    # `none` is not a name, so it cannot be misspelled.
    named = {name: value for name, value in by.items() if value != UNASSIGNED}
    return kept, Narrowing(by, lines, unmatched=bool(seen) and not kept and not narrowed(seen, named))


def _label(name: str, value: str, lines: BusinessLines) -> str:
    return line_label(value, lines) if name == "phone_number" else value


def _unclear(by: Names, name: str, found: list[str], names: list[str]) -> Narrowing:
    called, which = _CALLED[name], argument(name)
    if found:
        shown = tuple(clip(each, _LONGEST) for each in found[:MAX_MATCHES])
        note = hint(f"{len(found)} {called}s fit the ", which, " given; nothing is shown. Ask with one of them.")
    elif names:
        shown, listed = (), ", ".join(clip(each, _LONGEST_LISTED) for each in names[:_MAX_LISTED])
        more = f" and {len(names) - _MAX_LISTED} more" if len(names) > _MAX_LISTED else ""
        names_read = f" given; the conversations read have the {called}s {listed}{more}."
        note = hint(f"No {called} fits the ", which, names_read)
    else:
        shown, note = (), hint("None of the conversations read has this ", which, f", or any {called}.")
    return Narrowing(by, unclear=name, matches=shown, note=note, unmatched=True)


@dataclass(frozen=True, slots=True)
class Selection:
    """Conversations of a question, with coverage and window; `holds_oldest` if a partial read includes the oldest."""

    seen: list[Seen]
    coverage: Coverage
    window: Window
    holds_oldest: bool
    narrowing: Narrowing
    views: Sequence[WholeView] = ()


async def select(
    request: Request, view: AnyView, window: Window, given: Names, *, order: Order = "desc", borrows: bool = True
) -> Selection:
    expressions = window.expressions or (window.start.isoformat(), window.end.isoformat())
    views = [RequestedView(name, *expressions) for name in views_of(view)]
    read = await request.account.views.read_all(views, window, order=order, borrows=borrows, progress=request.progress)
    seen = merge_views(read)
    parts = [whole.coverage for whole in read]
    coverage = parts[0] if len(parts) == 1 else Coverage.merge(parts, len(seen))
    kept, narrowing = narrow(seen, _names_in(read), request.account.settings.lines, given)
    holds_oldest = all(whole.holds_oldest for whole in read)
    # A cached answer has the window of the time when it was read.
    return Selection(kept, coverage, read[0].window, holds_oldest, narrowing, read)


def narrow_alike(first: Selection, second: Selection, given: Names) -> tuple[Selection, Selection]:
    """Keep the conversations of one agent and one line in both, by the names that occur in either."""
    names = _names_in((*first.views, *second.views))
    _, narrowing = narrow([*first.seen, *second.seen], names, first.narrowing.lines, given)

    def kept(part: Selection) -> Selection:
        return replace(part, seen=[] if narrowing.unclear else narrowed(part.seen, narrowing.by), narrowing=narrowing)

    return kept(first), kept(second)


def _names_in(views: Sequence[WholeView]) -> dict[str, Callable[[], list[str]]]:
    return {"agent": lambda: agents_in(views), "phone_number": lambda: lines_in(views)}


def none_has(given: Names) -> list[str | Name]:
    """Return the beginning of a note that no conversation read has the names given."""
    return ["None of the conversations read has this ", *series(map(argument, given))]


def views_of(view: AnyView) -> tuple[View, ...]:
    return ("allOpen", "close") if view == "all" else (view,)


def read_window(request: Request, start: str | None, end: str | None) -> Window:
    """Return the window, by default of `DEFAULT_DAYS`; invalid times raise `InvalidArgumentError`."""
    return Window.read(start, end, now=request.now, zone=request.account.settings.zone, default_days=DEFAULT_DAYS)
