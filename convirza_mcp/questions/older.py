"""How many open conversations lie before a default window, so that it hides none unmentioned."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import anyio

from convirza_mcp.accounts.account import Request
from convirza_mcp.answers.hints import Hint, Name, argument, hint
from convirza_mcp.api.models import ConversationQuery, View
from convirza_mcp.clock.window import Window
from convirza_mcp.errors import BadRequestError, ConvirzaError
from convirza_mcp.scan.results import WholeView

_EARLIEST = datetime(2000, 1, 1, tzinfo=UTC)
"""The first time that an expression can name."""
_SHARE_OF_TIMEOUT = 1 / 6
_KEPT = "older open"


@dataclass(frozen=True, slots=True)
class Older:
    """The count, None if not counted, and what to say of it."""

    count: int | None = None
    note: Hint | None = None


async def older_open(request: Request, read: WholeView) -> Older:
    """Count the view's conversations before its window: one request, whose result is kept as long as the view's rows.

    Which time Convirza's window filters does not matter: what lies before the window is what it left out.
    """
    kept: Older | None = read.derived.get(_KEPT)
    if kept is None:
        kept = await _count(request, read.type, read.window)
        if kept.count is not None or kept == _REFUSED:
            read.derived[_KEPT] = kept
    return kept


async def _count(request: Request, view: View, window: Window) -> Older:
    end = window.start - timedelta(seconds=1)
    with anyio.move_on_after(request.account.settings.timeout * _SHARE_OF_TIMEOUT):
        try:
            page = await request.account.reader.list_sms_conversations(
                ConversationQuery(limit=1, type=view, order="asc", start=_EARLIEST, end=end)
            )
        except BadRequestError:
            return _REFUSED
        except ConvirzaError:
            return _FAILED
        return _FAILED if page.total is None else Older(page.total, _note(page.total, end))
    return _FAILED


def _note(count: int, end: datetime) -> Hint | None:
    if not count:
        return None
    which = "1 open conversation is" if count == 1 else f"{count} open conversations are"
    return hint(
        f"{which} older than this window, waiting or not; next call: ",
        Name("tool", "list_waiting_sms_conversations"),
        " with ",
        argument("start", f"{_EARLIEST:%Y-%m-%d}"),
        " and ",
        argument("end", f"{end:%Y-%m-%dT%H:%M:%SZ}"),
        ".",
    )


_REFUSED = Older(note=hint("Convirza refuses long windows, so older open conversations were not counted."))
_FAILED = Older(note=hint("Older open conversations could not be counted."))
