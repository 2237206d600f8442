"""Whose conversations a question is about: an agent's and a business line's, named as people say them."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from convirza_mcp.answers.head import note_part
from convirza_mcp.answers.hints import Hint, argument, hint
from convirza_mcp.privacy.aliases import as_alias
from convirza_mcp.rules.grouping import NOBODY, narrowed
from convirza_mcp.rules.names import agents_named, lines_numbered
from convirza_mcp.scan.results import Seen
from convirza_mcp.text.clean import clip

MOST_MATCHES = 10
_MOST_LISTED = 20
_LONGEST = 80
_LONGEST_LISTED = 40

_FIND: Mapping[str, Callable[[str, Sequence[str]], list[str]]] = {
    "agent": agents_named,
    "phone_number": lines_numbered,
}
_CALLED = {"agent": "agent", "phone_number": "line"}


@dataclass(frozen=True, slots=True)
class Narrowing:
    """`by` has the whole value that each argument was taken for.

    `unclear` is the argument that fits none or several of the names in the conversations read: then no conversation
    is shown. `matches` are the first 10 names of several. `note` says what to do, and where nothing fits lists the
    names that there are. `unmatched`: conversations were read, and none is by the names that were given.
    """

    by: Mapping[str, str] = field(default_factory=dict, hash=False)
    unclear: str | None = None
    matches: tuple[str, ...] = ()
    note: Hint | None = None
    unmatched: bool = False

    @property
    def notes(self) -> tuple[Hint, ...]:
        return () if self.note is None else (self.note,)

    @property
    def filters(self) -> dict[str, str | None]:
        """The whole values as arguments."""
        return {name: self.by.get(name) for name in _FIND}

    def shown(self) -> dict[str, str]:
        """Return the whole values, bounded as in rows."""
        return {name: clip(value, _LONGEST) for name, value in self.by.items()}

    def below(self, notes: Sequence[Hint]) -> dict[str, Any]:
        """Return what an answer says of it below its line on strangers' words, with the notes where they list names."""
        said: dict[str, Any] = {"narrowed_by": self.shown()} if self.by else {}
        if self.note in notes:
            said |= note_part(notes)
        return said | ({"matches": list(self.matches)} if self.matches else {})

    def above(self, notes: Sequence[Hint]) -> dict[str, str]:
        """Return the notes for the head of an answer, if they list no names."""
        return {} if self.note in notes else note_part(notes)

    def document(self) -> dict[str, Any]:
        """Return what a command's `--json` document says of it."""
        return {"narrowed_by": self.shown(), "candidates": list(self.matches)}


EVERYTHING = Narrowing()


def narrow(
    seen: Sequence[Seen], known: Mapping[str, Callable[[], list[str]]], *, agent: str | None, phone_number: str | None
) -> tuple[list[Seen], Narrowing]:
    """Return the conversations of this agent (`none`: unassigned) and line, and what the two were taken for.

    `known` gives the names that there are, clean, for each argument.
    """
    by: dict[str, str] = {}
    for name, said in (("agent", agent), ("phone_number", phone_number)):
        if said is None:
            continue
        if name == "agent" and said.casefold() == NOBODY:
            by[name] = NOBODY
            continue
        if name == "phone_number" and (alias := as_alias(said)) is not None:
            by[name] = alias
            continue
        names = known[name]()
        found = _FIND[name](said, names)
        if len(found) == 1:
            by[name] = found[0]
        elif seen or names:
            return [], _unclear(by, name, found, names)
    narrowing = Narrowing(by)
    kept = narrowed(seen, **narrowing.filters)
    if seen and not kept:
        # `none` is no name, so it cannot be misspelled.
        named = {name: None if value == NOBODY else value for name, value in narrowing.filters.items()}
        narrowing = Narrowing(by, unmatched=not narrowed(seen, **named))
    return kept, narrowing


def _unclear(by: Mapping[str, str], name: str, found: list[str], names: list[str]) -> Narrowing:
    called = _CALLED[name]
    if found:
        shown = tuple(clip(each, _LONGEST) for each in found[:MOST_MATCHES])
        several = hint(f"{len(found)} {called}s fit ", argument(name), "; nothing is shown. Ask with one of them.")
        return Narrowing(by, name, shown, several, unmatched=True)
    if not names:
        nothing = hint("None of the conversations read has this ", argument(name), f", or any {called}.")
        return Narrowing(by, name, note=nothing, unmatched=True)
    listed = ", ".join(clip(each, _LONGEST_LISTED) for each in names[:_MOST_LISTED])
    more = f" and {len(names) - _MOST_LISTED} more" if len(names) > _MOST_LISTED else ""
    fits = f"; the conversations read have the {called}s {listed}{more}."
    return Narrowing(by, name, note=hint(f"No {called} fits ", argument(name), fits), unmatched=True)
