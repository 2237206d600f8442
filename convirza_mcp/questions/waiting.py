"""List who is waiting, longest wait first."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta

import anyio

from convirza_mcp.accounts.account import Request, within_one_account
from convirza_mcp.answers.hints import Hint, Name, argument, hint, longer_start, plural, series
from convirza_mcp.api.models import ConversationQuery, View
from convirza_mcp.clock.window import Window
from convirza_mcp.errors import BadRequestError, ConvirzaError
from convirza_mcp.questions.filters import NO_FILTERS, Filters, select_filtered
from convirza_mcp.questions.scope import Names, Narrowing, Selection
from convirza_mcp.rules.place import Place, behind
from convirza_mcp.rules.waiting import WaitClock, Waiting, waiting_list
from convirza_mcp.scan.results import Coverage, WholeView


@dataclass(frozen=True, slots=True, kw_only=True)
class WaitingConversations:
    """`rows`: conversations that have waited at least the minimum, longest first. `skipped` counts those before
    `after`, which are left out. `waiting` counts all that wait. `older_open` counts open conversations before the
    default window, whether they wait or not; None if not counted.

    `unknown_waits` counts waiting ones whose latest message has no time. `read_but_incoming` counts open ones that are
    not unread although `sms_type` is incoming. `unclear` counts open ones that may wait, because a field that decides
    is unreadable. `clock` measures the waits.
    """

    rows: tuple[Waiting, ...]
    skipped: int
    waiting: int
    unknown_waits: int
    read_but_incoming: int
    unclear: int
    older_open: int | None
    narrowing: Narrowing
    clock: WaitClock
    coverage: Coverage
    window: Window
    notes: tuple[Hint, ...]

    @property
    def listed(self) -> int:
        return self.skipped + len(self.rows)

    @property
    def tells_all(self) -> bool:
        """Return whether everything was read and each wait is known."""
        return self.coverage.complete and not (self.unknown_waits or self.unclear or self.narrowing.unmatched)


@within_one_account
async def waiting(
    request: Request,
    window: Window,
    *,
    view: View = "allOpen",
    min_wait: timedelta = timedelta(0),
    after: Place | None = None,
    filters: Filters = NO_FILTERS,
) -> WaitingConversations:
    """Read the view, oldest first, and rank the conversations that wait and meet the conditions."""
    kept, older, note_on_older = None, None, None
    if view == "close":
        # Closed conversations do not wait, so read nothing.
        filters.conditions(request, view)
        coverage = Coverage(read=0, total=None, requests=0, as_of=request.now)
        read = Selection([], coverage, window, holds_oldest=True, narrowing=Narrowing())
    else:
        kept = await select_filtered(request, view, window, filters, order="asc")
        read = kept.selection
        if window.expressions is not None and window.expressions[0] is None and read.narrowing.unclear is None:
            older, note_on_older = await _older_open(request, read.views[0])
    settings = request.account.settings
    clock = WaitClock(settings.business_hours, settings.zone, read.coverage.as_of)
    everyone = waiting_list([] if kept is None else kept.period.seen, clock.seconds_since)
    filtered_out = {
        identifier for identifier, names in read.coverage.unreadable.items() if names & filters.names.keys()
    }
    long_enough = [each for each in everyone.ranked if each.is_at_least(min_wait.total_seconds())]
    rows = behind(long_enough, after, lambda each: each.conversation, newest_first=False)
    found = WaitingConversations(
        rows=tuple(rows),
        skipped=len(long_enough) - len(rows),
        waiting=len(everyone.ranked),
        unknown_waits=everyone.unknown_waits,
        read_but_incoming=everyone.read_but_incoming,
        unclear=len(everyone.unclear | filtered_out) + read.coverage.dropped,
        older_open=older,
        narrowing=read.narrowing,
        clock=clock,
        coverage=read.coverage,
        window=read.window,
        notes=(),
    )
    notes = [*_notes(found, view, filters.names, holds_oldest=read.holds_oldest), *(() if kept is None else kept.notes)]
    if filters.only is not None and kept is not None and not everyone.ranked:
        notes.insert(0, hint("No waiting conversation meets ", argument("only"), "; ask without it to see everyone."))
    return replace(found, notes=(*notes, *filter(None, [note_on_older])))


def _notes(found: WaitingConversations, view: View, given: Names, *, holds_oldest: bool) -> Iterator[Hint]:
    if not found.coverage.complete:
        yield hint(
            "Not all conversations were read, but the oldest first: the longest waits are most likely included."
            if holds_oldest
            else "Not all conversations were read, and not the oldest first: longer waits may be missing."
        )
    if not found.listed:
        yield found.narrowing.note or _empty_note(found, view, given)
    if found.unknown_waits:
        yield hint(f"Latest message without a time, so ranked last: {found.unknown_waits}.")
    if found.unclear and not found.listed:
        yield hint(f"May also wait, because a deciding field is unreadable: {found.unclear}.")
    if found.read_but_incoming:
        which = Name("figure", "read_but_incoming")
        yield hint(which, ": not unread, but sms_type incoming; what that means is undocumented.")


def _empty_note(found: WaitingConversations, view: View, given: Names) -> Hint:
    if view == "close":
        open_ones = argument("type", "allOpen")
        return hint("No one waits in closed conversations, so nothing was read; use ", open_ones, ".")
    # Make no claim about unread pages.
    no_one = "No one" if found.coverage.complete and not found.unclear else "Of the conversations read, no one"
    if found.waiting:
        least, none = argument("min_wait_minutes"), argument("min_wait_minutes", 0)
        return hint(f"{no_one} has waited as long as ", least, "; use ", none, " for all waits.")
    if given:
        return hint(f"{no_one} is waiting here; ask without ", *series(map(argument, given)), " to see all.")
    if not found.coverage.complete or found.unclear:
        return hint(f"{no_one} is waiting.")
    # If older conversations were counted, their note names the call.
    longer = longer_start(found.window, at_least=90) if found.older_open is None else None
    nothing = "No one is waiting in this view and window"
    return hint(f"{nothing}.") if longer is None else hint(f"{nothing}; ", longer, " looks further back.")


_EARLIEST = datetime(2000, 1, 1, tzinfo=UTC)
"""The earliest time that an expression can name."""
_SHARE_OF_TIMEOUT = 1 / 6

_Older = tuple[int | None, Hint | None]
"""Number of older conversations, None if not counted, and its note."""


async def _older_open(request: Request, read: WholeView) -> _Older:
    """Count the view's conversations before its window: one request, whose result is cached as long as the view's rows.

    A failure is cached too, so that it does not delay each follow-up. It does not matter which time Convirza's window
    filters: the conversations before it are those that it left out.
    """
    if "older open" not in read.derived:
        read.derived["older open"] = await _count_older(request, read.type, read.window)
    older: _Older = read.derived["older open"]
    return older


async def _count_older(request: Request, view: View, window: Window) -> _Older:
    end, count = window.start - timedelta(seconds=1), None
    query = ConversationQuery(limit=1, type=view, order="asc", start=_EARLIEST, end=end)
    with anyio.move_on_after(request.account.settings.timeout * _SHARE_OF_TIMEOUT):
        try:
            page = await request.account.reader.list_sms_conversations(query)
            # A total of 0 beside a row is no count.
            count = page.total if page.total or page.is_empty else None
        except BadRequestError:
            return None, hint("Convirza refuses long windows, so older open conversations were not counted.")
        except ConvirzaError:
            pass
    if count is None:
        return None, hint("Older open conversations could not be counted.")
    if not count:
        return 0, None
    older = f"{count} open {plural(count, 'conversation')} {'is' if count == 1 else 'are'} older than this window"
    bounds = argument("start", f"{_EARLIEST:%Y-%m-%d}"), argument("end", f"{end:%Y-%m-%dT%H:%M:%SZ}")
    given = series((*(() if view == "allOpen" else (argument("type", view),)), *bounds))
    tool = Name("tool", "list_waiting_sms_conversations")
    return count, hint(f"{older}, waiting or not; next call: ", tool, " with ", *given, ".")
