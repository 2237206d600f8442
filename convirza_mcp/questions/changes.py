"""List the changes since a cursor or a time, oldest first, without losing a change."""

from dataclasses import dataclass
from types import MappingProxyType

from convirza_mcp.accounts.account import Request, within_one_account
from convirza_mcp.answers.hints import Hint, argument, hint, plural, series
from convirza_mcp.api.models import AnyView
from convirza_mcp.clock.window import Window
from convirza_mcp.questions.scope import Names, Narrowing, narrow, views_of
from convirza_mcp.rules.completion_values import agents_in, lines_in
from convirza_mcp.rules.grouping import narrowed
from convirza_mcp.scan.changes import REACH, Changes, ChangesReading, Cursor, place_of, window_of
from convirza_mcp.scan.results import Coverage, Gap, Seen
from convirza_mcp.settings import reading_seconds

CANNOT_SEE = (
    "a closing, an assignment or anything else that does not move conversation_updated, nor a conversation that "
    "Convirza leaves out of this window: if it filters by start, one that began earlier"
)


@dataclass(frozen=True, slots=True, kw_only=True)
class InboxChanges:
    """`rows`: the changes after `since`, oldest first; empty if not all were read, so that no change is lost.

    `undated` counts conversations read that have no `conversation_updated`, `ahead` those too new to be sure of their
    order. `reason` says why the read was incomplete; None if it was complete.
    """

    rows: tuple[Seen, ...]
    narrowing: Narrowing
    since: Cursor
    is_sure: bool
    changed_during_read: bool
    undated: int
    ahead: int
    coverage: Coverage
    window: Window
    reason: Hint | None
    notes: tuple[Hint, ...]

    @property
    def total(self) -> int | None:
        """Return the number of changes after `since`; None if not all were read."""
        return len(self.rows) if self.is_sure else None

    @property
    def cursor(self) -> str:
        """Return the `since` of the next call."""
        return str(self.cursor_after(len(self.rows)))

    @property
    def more(self) -> bool:
        """Return whether the next call will certainly find more."""
        return self.more_after(len(self.rows))

    @property
    def span(self) -> Window:
        """Return the window from `since` to now; it decides whether times show the year."""
        return Window(start=self.since.moment, end=self.window.end, zone=self.window.zone)

    def cursor_after(self, shown: int) -> Cursor:
        return Cursor(*place_of(self.rows[shown - 1])) if shown else self.since

    def more_after(self, shown: int) -> bool:
        return not self.is_sure or self.changed_during_read or shown < len(self.rows)


@within_one_account
async def changes(
    request: Request, since: str, given: Names = MappingProxyType({}), *, view: AnyView = "all"
) -> InboxChanges:
    """Read the changes; raise `InvalidArgumentError` if `since` is neither a cursor nor a time in the past."""
    zone = request.account.settings.zone
    cursor = Cursor.read(since, now=request.now, zone=zone)
    window = window_of(cursor, now=request.now, zone=zone)
    reading = ChangesReading(request.account.reader, cursor, views_of(view), window, request.progress)
    await reading.read(reading_seconds(request.account.settings.timeout))
    read = reading.changes(request.now)
    # Agents whose conversations did not change are valid names, too.
    held = await request.account.views.held()
    changed = [each.conversation for each in read.seen + read.undated]
    known = {"agent": lambda: agents_in(held, changed), "phone_number": lambda: lines_in(held, changed)}
    kept, narrowing = narrow(read.seen, known, request.account.settings.lines, given)
    rows = kept if read.is_sure else []
    undated = 0 if narrowing.unclear else len(narrowed(read.undated, narrowing.by))
    return InboxChanges(
        rows=tuple(rows),
        narrowing=narrowing,
        since=cursor,
        is_sure=read.is_sure,
        changed_during_read=read.changed_during_read,
        undated=undated,
        ahead=read.ahead,
        coverage=read.coverage,
        window=read.window,
        reason=_reason(read.coverage),
        notes=_notes(read, rows, undated, narrowing),
    )


def _reason(coverage: Coverage) -> Hint | None:
    view, since = argument("type"), argument("since")
    if coverage.gap is Gap.TIME:
        why = "time: the call ran out of time before the oldest change; each call reads again"
        return hint(f"{why}, so use one `", view, "`, or raise CONVIRZA_TIMEOUT")
    if coverage.gap is Gap.MOST:
        why = "more conversations than one read allows"
        return hint(f"{why}; use one `", view, "`, or skip older changes with a later `", since, "`")
    return None if coverage.reason is None else hint(coverage.reason)


def _notes(read: Changes, rows: list[Seen], undated: int, narrowing: Narrowing) -> tuple[Hint, ...]:
    if not read.is_sure:
        lacking = "The oldest changes were not read, so no rows are shown. The cursor is unchanged: no change is lost."
        return (hint(lacking),)
    if read.since.moment < read.window.end - REACH:
        older = f"` is older than {REACH.days} days: conversations that began before it may be missing."
        return (hint("`", argument("since"), older),)
    if rows:
        return ()
    given = {*narrowing.by, narrowing.unclear}
    filtered_out = [each for each in read.seen + read.undated if each.conversation.unreadable & given]
    unclear = undated + len(filtered_out) + read.coverage.dropped
    if read.seen and narrowing.note is not None and (narrowing.matches or not unclear):
        return (narrowing.note,)
    if unclear:
        may = f"{unclear} {plural(unclear, 'conversation')} may have changed, because a field is unreadable"
        return (hint(f"No change to show; {may}."),)
    if read.seen:
        # Other conversations did change, so a misspelled name must not read as no news.
        changed = f"None of the {len(read.seen)} {plural(len(read.seen), 'conversation')} that changed matches "
        return (hint(changed, *series(map(argument, narrowing.by)), "; check it."),)
    if read.ahead:
        return (hint("Nothing to show yet; the newest changes come in a later call."),)
    return (hint("Nothing has changed; ask again later with this cursor."),)
