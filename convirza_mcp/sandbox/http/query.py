"""Parameters of one request, read and checked."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal, get_args

from convirza_mcp.sandbox.http.exchange import RefusalError
from convirza_mcp.sandbox.http.variants import Answers
from convirza_mcp.sandbox.seed.times import read_utc

View = Literal["allOpen", "assignedToYou", "unassigned", "close"]

_WHOLE_NUMBER = re.compile(r"-?[0-9]{1,18}")
_VIEWS: Mapping[str, View] = {view: view for view in get_args(View)}
_DEFAULT_LIMIT = 7
_DEFAULT_USERS = 100
_USER_STATUSES = ("active", "inactive", "deleted")
_HIGHEST_LIMIT = 200
_LONGEST_SEARCH = 255
_DEFAULT_WINDOW = timedelta(days=7)


@dataclass(frozen=True, slots=True)
class Query:
    """A checked request. `start` and `end` are aware and both inclusive; `search` is empty for none."""

    view: View
    search: str
    newest_first: bool
    limit: int
    offset: int
    start: datetime
    end: datetime


def read_query(parameters: Mapping[str, str], *, now: datetime, answers: Answers) -> Query:
    """Read the documented parameters and ignore all others; RefusalError (400) where a value is not allowed."""
    start, end = _window(parameters, now)
    answers.admit_window(start, end)
    answers.admit_end(end, now)
    return Query(
        view=_view(parameters.get("type", "allOpen")),
        search=_search(parameters.get("search", "")),
        newest_first=_newest_first(parameters.get("order", "desc")),
        limit=answers.bounded("limit", _whole_number(parameters, "limit", _DEFAULT_LIMIT), 1, _HIGHEST_LIMIT),
        offset=answers.bounded("offset", _whole_number(parameters, "offset", 0), 0, None),
        start=start,
        end=end,
    )


@dataclass(frozen=True, slots=True)
class UserQuery:
    """A checked request for users."""

    status: str
    limit: int
    offset: int


def read_user_query(parameters: Mapping[str, str], *, answers: Answers) -> UserQuery:
    """Read the documented parameters that the sandbox heeds; RefusalError (400) where a value is not allowed."""
    status = parameters.get("user_status", _USER_STATUSES[0])
    if status not in _USER_STATUSES:
        raise RefusalError(400, f"user_status must be one of {', '.join(_USER_STATUSES)}.")
    limit = _whole_number(parameters, "limit", _DEFAULT_USERS)
    return UserQuery(
        status=status,
        limit=answers.bounded("limit", limit, 1, _HIGHEST_LIMIT),
        offset=answers.bounded("offset", _whole_number(parameters, "offset", 0), 0, None),
    )


def _view(text: str) -> View:
    view = _VIEWS.get(text)
    if view is None:
        raise RefusalError(400, f"type must be one of {', '.join(_VIEWS)}.")
    return view


def _search(text: str) -> str:
    if len(text) > _LONGEST_SEARCH:
        raise RefusalError(400, f"search must be at most {_LONGEST_SEARCH} characters.")
    return text


def _newest_first(text: str) -> bool:
    if text not in {"asc", "desc"}:
        raise RefusalError(400, "order must be asc or desc.")
    return text == "desc"


def _whole_number(parameters: Mapping[str, str], name: str, default: int) -> int:
    text = parameters.get(name)
    if text is None:
        return default
    if not _WHOLE_NUMBER.fullmatch(text):
        raise RefusalError(400, f"{name} must be an integer.")
    return int(text)


def _window(parameters: Mapping[str, str], now: datetime) -> tuple[datetime, datetime]:
    end = _time(parameters, "end") or now
    start = _time(parameters, "start")
    if start is None:
        try:
            start = end - _DEFAULT_WINDOW
        except OverflowError:
            raise RefusalError(400, "end is too early.") from None
    if end <= start:
        raise RefusalError(400, "end must be after start.")
    return start, end


def _time(parameters: Mapping[str, str], name: str) -> datetime | None:
    text = parameters.get(name)
    if text is None:
        return None
    try:
        return read_utc(text)
    except ValueError:
        raise RefusalError(400, f"{name} must be an ISO 8601 UTC time such as 2026-01-01T00:00:00Z.") from None
