"""An API that lists changes as Convirza does, and calls that walk through them."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx2

from convirza_mcp import Settings
from convirza_mcp.sandbox import Sandbox
from convirza_mcp.tools.list_sms_changes import TOOL
from support.calls import NOW, SETTINGS, calls_of
from support.convirza import Convirza
from support.rows import row

Rows = list[dict[str, Any]]

call, answer = calls_of(TOOL)


def text(moment: datetime) -> str:
    return moment.astimezone(UTC).isoformat(timespec="microseconds").replace("+00:00", "Z")


def convirza(opened: Rows, closed: Rows | None = None, *, by: str = "conversation_updated", days: int = 0) -> Convirza:
    """An API that filters by a time, gives the newest first, and refuses a window of more days."""

    def refuse(asked: httpx2.QueryParams) -> httpx2.Response | None:
        start, end = window(asked)
        too_long = days and end - start > timedelta(days=days)
        return httpx2.Response(400, json={"code": 400, "message": "too long"}) if too_long else None

    def window(asked: httpx2.QueryParams) -> tuple[datetime, datetime]:
        return datetime.fromisoformat(asked["start"]), datetime.fromisoformat(asked["end"])

    def arrange(rows: Sequence[dict[str, Any]], asked: httpx2.QueryParams) -> Rows:
        start, end = window(asked)
        found = [each for each in rows if each[by] is None or start <= datetime.fromisoformat(each[by]) <= end]
        return sorted(found, key=lambda each: each["conversation_updated"] or "", reverse=True)

    inbox = Convirza(*opened, closed=closed or ())
    inbox.before_answer, inbox.arrange = refuse, arrange
    return inbox


def pinned_first(inbox: Convirza) -> None:
    newest_first = inbox.arrange
    inbox.arrange = lambda rows, asked: sorted(newest_first(rows, asked), key=lambda each: not each["pin"])


async def walk(
    given: dict[str, Any], over: Sandbox | httpx2.AsyncBaseTransport, settings: Settings = SETTINGS
) -> tuple[list[int], str]:
    """The ids that calls bring until `more` is false, and the last cursor."""
    ids: list[int] = []
    for _ in range(500):
        found = await answer(given, over, settings)
        ids += [each[0] for each in found["rows"]]
        given = given | {"since": found["cursor"]}
        if not found["more"]:
            return ids, found["cursor"]
        assert found["rows"]
    raise AssertionError("it goes on for ever")


def changed(minutes: float, conversation_id: int, **other: Any) -> dict[str, Any]:
    # What is newer than the last whole second waits for the next call.
    updated = NOW - timedelta(minutes=minutes, seconds=2)
    return row(
        conversation_id,
        **{"conversation_updated": text(updated), "pin": False, "conversation_started": text(updated)} | other,
    )


def due(rows: Rows, since: datetime) -> list[int]:
    """The ids after a time, by (time, id): slow, and plainly right."""
    places = [(each["conversation_updated"], each["conversation_id"]) for each in rows if each["conversation_updated"]]
    return [conversation_id for updated, conversation_id in sorted(places) if datetime.fromisoformat(updated) > since]
