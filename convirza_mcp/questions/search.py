"""Conversations by the words of their latest message, which Convirza itself cannot search."""

from dataclasses import dataclass

import anyio.lowlevel

from convirza_mcp.accounts.account import Request, of_one_account
from convirza_mcp.answers.hints import Hint, Name, argument, hint
from convirza_mcp.clock.window import Window
from convirza_mcp.questions.narrowing import Narrowing
from convirza_mcp.questions.scope import AnyView, Selection, longer_start, select, unmatched_note
from convirza_mcp.rules.place import Place, behind
from convirza_mcp.rules.search.index import texts_kept
from convirza_mcp.rules.search.query import TextQuery, found, newest_first
from convirza_mcp.scan.results import Coverage, Seen

_ROWS_AT_A_TIME = 500
"""Some milliseconds of searching: how long everything else in the process waits."""
_SEARCHED = {"message", "source", "source_name", "phone_number"}


@dataclass(frozen=True, slots=True, kw_only=True)
class SearchResult:
    """`rows`: every conversation that matches `query`, newest first, without the `skipped` ones before `after`.

    `notes` say what was searched in vain, or may have been meant otherwise.
    """

    query: TextQuery
    rows: tuple[Seen, ...]
    skipped: int
    narrowing: Narrowing
    coverage: Coverage
    window: Window
    notes: tuple[Hint, ...]

    @property
    def matches(self) -> int:
        return self.skipped + len(self.rows)


@of_one_account
async def search(
    request: Request,
    window: Window,
    query: str,
    *,
    view: AnyView = "all",
    agent: str | None = None,
    phone_number: str | None = None,
    after: Place | None = None,
) -> SearchResult:
    """Read the views, and search them.

    Raises:
        InvalidArgumentError: `query` has nothing in it but punctuation, or an operator of other searches.
        ConvirzaError: as `convirza_mcp.errors` describes.
    """
    wanted = TextQuery.read(query)
    read = await select(request, view, window, agent=agent, phone_number=phone_number)
    texts = texts_kept(await request.account.views.held(), read.window)
    matches: list[Seen] = []
    for begin in range(0, len(read.seen), _ROWS_AT_A_TIME):
        # Between the slices other calls go on, and this one can be cancelled.
        await anyio.lowlevel.checkpoint()
        matches += found(read.seen[begin : begin + _ROWS_AT_A_TIME], wanted, texts)
    given = [name for name, value in (("agent", agent), ("phone_number", phone_number)) if value is not None]
    notes = [] if wanted.note is None else [hint(wanted.note)]
    if not matches:
        notes.append(_note_on_nothing(read, view, given))
    rows = behind(newest_first(matches), after, lambda each: each.conversation, newest_first=True)
    return SearchResult(
        query=wanted,
        rows=tuple(rows),
        skipped=len(matches) - len(rows),
        narrowing=read.narrowing,
        coverage=read.coverage,
        window=read.window,
        notes=tuple(notes),
    )


def _note_on_nothing(read: Selection, view: AnyView, given: list[str]) -> Hint:
    """What was searched in vain, and the likeliest next steps."""
    if read.narrowing.unmatched:
        return read.narrowing.note or unmatched_note(given)
    steps: list[str | Name] = []
    for step in (longer_start(read.window, at_least=90), None if view == "all" else argument("type", "all")):
        if step is not None:
            steps += [", ", step]
    for before, name in zip((", or leave out ", " and "), given, strict=False):
        steps += [before, argument(name)]
    is_sure = read.coverage.complete and not read.coverage.unreadable_counts.keys() & _SEARCHED
    where = "" if is_sure else " in what could be read"
    return hint(
        f"Nothing found{where}; only each conversation's latest message is searched, with its contact's name and its "
        "numbers. Try fewer or shorter words",
        *steps,
        ".",
    )
