"""An inbox that goes on while it is read: time passes before each answer, and messages arrive."""

from collections.abc import Callable, Iterable, Sequence
from datetime import UTC, datetime, timedelta

import httpx2

from support.convirza import Convirza, Rows
from support.logins import Clock
from support.rows import row

Move = Callable[["LiveInbox"], None]


def utc_text(moment: datetime) -> str:
    return f"{moment.astimezone(UTC):%Y-%m-%dT%H:%M:%SZ}"


class LiveInbox(Convirza):
    """Convirza that filters and sorts by the latest message; before each answer, the next of `moves` happen.

    Conversation `n` of `size` began `n` times `apart` before `clock`; every third one is closed, since half an hour
    after. Each move takes 40 seconds. A window longer than `longest` is refused.
    """

    def __init__(
        self,
        size: int,
        clock: Clock,
        moves: Iterable[Sequence[Move]] = (),
        *,
        apart: timedelta = timedelta(hours=1),
        longest: timedelta = timedelta.max,
    ) -> None:
        super().__init__()
        self.clock = clock
        for each in range(1, size + 1):
            began = clock.time - each * apart
            closed_at = utc_text(began + timedelta(minutes=30)) if each % 3 == 0 else None
            made = row(
                each,
                conversation_started=utc_text(began),
                conversation_updated=utc_text(began + timedelta(minutes=10)),
                closed_at=closed_at,
            )
            (self.closed if closed_at else self.rows).append(made)
        self.has_closed = False
        self._moves, self._longest = iter(moves), longest
        self.before_answer = self._go_on
        self.arrange = _by_latest

    @property
    def now(self) -> str:
        return utc_text(self.clock.time)

    def count(self, field: str, first: datetime, last: datetime) -> int:
        """Return how many conversations have this time between the two."""
        times = [datetime.fromisoformat(each[field]) for each in (*self.rows, *self.closed) if each[field]]
        return len([each for each in times if first <= each <= last])

    def _go_on(self, asked: httpx2.QueryParams) -> httpx2.Response | None:
        for move in next(self._moves, ()):
            self.clock.pass_by(timedelta(seconds=40))
            move(self)
        first, last = map(datetime.fromisoformat, (asked["start"], asked["end"]))
        return httpx2.Response(400, json={"message": "too long"}) if last - first > self._longest else None


def arrive(inbox: LiveInbox) -> None:
    """Begin a conversation."""
    identifier = 10_000 + len(inbox.rows) + len(inbox.closed)
    inbox.rows.append(row(identifier, conversation_started=inbox.now, conversation_updated=inbox.now, closed_at=None))


def message(place: float, *, closed: bool = False) -> Move:
    """Give an open or closed conversation a message: from the first held (0) to the last (1)."""

    def move(inbox: LiveInbox) -> None:
        rows = inbox.closed if closed else inbox.rows
        if rows:
            rows[int(place * (len(rows) - 1))]["conversation_updated"] = inbox.now

    return move


def close(place: float) -> Move:
    def move(inbox: LiveInbox) -> None:
        if inbox.rows:
            inbox.has_closed = True
            inbox.closed.append(inbox.rows.pop(int(place * (len(inbox.rows) - 1))) | {"closed_at": inbox.now})

    return move


def reopen(place: float) -> Move:
    """Give a closed conversation a message, which opens it."""

    def move(inbox: LiveInbox) -> None:
        opened = inbox.closed.pop(int(place * (len(inbox.closed) - 1)))
        inbox.rows.append(opened | {"closed_at": None, "conversation_updated": inbox.now})

    return move


def _by_latest(rows: Rows, asked: httpx2.QueryParams) -> Rows:
    first, last = map(datetime.fromisoformat, (asked["start"], asked["end"]))
    kept = [each for each in rows if first <= datetime.fromisoformat(each["conversation_updated"]) <= last]
    return sorted(kept, key=lambda each: each["conversation_updated"], reverse=asked.get("order") != "asc")
