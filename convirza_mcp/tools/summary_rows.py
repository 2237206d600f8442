"""Rows and head of a summary's answer: figures in total, by group, and by pair of groups."""

from bisect import bisect_left
from collections.abc import Sequence
from typing import Any, overload

from convirza_mcp.answers.answer import Answer, Row
from convirza_mcp.answers.budget import Budget
from convirza_mcp.answers.head import coverage_part
from convirza_mcp.answers.hints import plural
from convirza_mcp.clock.durations import duration_text
from convirza_mcp.errors import InvalidArgumentError
from convirza_mcp.questions.figures import GroupFigures, InboxSummary, Table, more_groups
from convirza_mcp.rules.summary import METHOD, Figures, ResponseTimes, share_text
from convirza_mcp.text.clean import clip
from convirza_mcp.text.fold import name_key

MAX_GROUPS = 30
_MAX_GROUPED_TOKENS, _MAX_COMPARED_TOKENS = 1_500, 2_200
_SHORTER_LABELS = (24, 16, 10, 8)
_LONGEST_CLOCK, _CLOCK_BESIDE_ANOTHER_PERIOD = 250, 100
LISTED_BY = "search_sms_messages with only=FIGURE or only=GROUP=VALUE"


def grouped(found: InboxSummary, view: str, after: str | None, budget: Budget) -> Answer:
    """Return the figures by group; if they exceed the budget, with shorter labels, then with fewer rows.

    Labels stay distinct. Groups are merged, not left out, so that the rows always add up to the total.
    """
    first = place_after([each.label for each in found.groups], after)
    if found.table is not None and len(found.groups) > MAX_GROUPS:
        return _table(found, found.table, view, after, budget)
    budget = budget.at_most(_MAX_GROUPED_TOKENS if found.before is None else _MAX_COMPARED_TOKENS)
    names = (found.group_by,) if found.table is None else (found.group_by, found.then_by)
    columns = (*names, *group_columns(found))

    below = found.narrowing.below(found.notes)

    def answer_of(most: int, label_length: int | None) -> Answer:
        lines = found.folded(most, first)
        rows = [_row(each, found, label_length if place < most else None) for place, each in enumerate(lines)]
        head = head_of(found, view)
        if len(lines) > most:
            head["left_out"] = _next_call(len(found.groups) - first - most, lines[most - 1].label if most else None)
        return Answer(head, columns, rows, below)

    shortest = None
    labels = {row[: len(names)] for row in map(tuple, answer_of(MAX_GROUPS, None).rows)}
    for length in (None, *_SHORTER_LABELS):
        fitted = answer_of(MAX_GROUPS, length)
        if len({tuple(row[: len(names)]) for row in fitted.rows}) < len(labels):
            break
        if budget.holds(fitted.text):
            return fitted
        shortest = length
    too_many = bisect_left(range(MAX_GROUPS), True, key=lambda most: not budget.holds(answer_of(most, shortest).text))
    return answer_of(max(0, too_many - 1), shortest)


def place_after(labels: Sequence[str], after: str | None) -> int:
    """Return the index of the group after `after`, the last one that the caller received.

    Raises:
        InvalidArgumentError: no group has this label.
    """
    if after is None:
        return 0
    keys = list(map(name_key, labels))
    if name_key(after) not in keys:
        raise InvalidArgumentError("after", "`after` takes a group of this answer, as `left_out` names it.")
    return keys.index(name_key(after)) + 1


def _next_call(groups: int, last: str | None) -> str:
    how = "a shorter window" if last is None else f"after={last} and the other arguments unchanged"
    return f"{groups} {plural(groups, 'group')}; next call: summarize_sms_inbox with {how}"


def group_columns(found: InboxSummary) -> tuple[str, ...]:
    if found.before is not None:
        closes = ("close_median",) if found.by_time == "closed" else ()
        compared = ("conversations", "answered", "first_median", "first_within_target", *closes)
        return (*(name + when for name in compared for when in ("", "_before")), "change")
    if found.by_time == "closed":
        return ("conversations", "answered", "first_median", "first_within_target", "close_median", "close_p90")
    return (
        "conversations",
        "unread",
        "unread_messages",
        "waiting",
        "answered",
        "first_median",
        "first_p90",
        "first_within_target",
    )


def _row(group: GroupFigures, found: InboxSummary, label_length: int | None) -> Row:
    labels = [group.label] if found.table is None else [group.label, group.then]
    cut = [each if each is None or label_length is None else clip(each, label_length) for each in labels]
    return [*cut, *(group_value(group, name) for name in group_columns(found))]


def group_value(group: GroupFigures, column: str) -> str | int | None:
    """Return the value of one of the columns."""
    if column == "change":
        return group.trend
    figures = group.before if column.endswith("_before") else group.figures
    return None if figures is None else _value(column.removesuffix("_before"), figures)


def _value(column: str, figures: Figures) -> str | int | None:
    first, close = figures.first_response, figures.time_to_close
    match column:
        case "answered":
            return first.count
        case "first_median":
            return duration_text(first.median_seconds)
        case "first_p90":
            return duration_text(first.p90_seconds)
        case "first_within_target":
            return share_text(first.within_target, first.count)
        case "close_median":
            return duration_text(close.median_seconds)
        case "close_p90":
            return duration_text(close.p90_seconds)
        case _:
            count: int = getattr(figures, column)
            return count


def _table(found: InboxSummary, table: Table, view: str, after: str | None, budget: Budget) -> Answer:
    """Return a table of conversation counts: a row per first group, a column per second group."""
    first = place_after([label for label, _ in table.rows], after)
    names = [label.removesuffix(":00") for label in table.columns]
    short = [clip(each, _SHORTER_LABELS[1]) for each in names]
    columns = (found.group_by, *_with_rest(short if len(set(short)) == len(names) else names, MAX_GROUPS))
    budget = budget.at_most(_MAX_GROUPED_TOKENS)

    below = found.narrowing.below(found.notes)

    def answer_of(most: int) -> Answer:
        shown, beyond = table.rows[first : first + most], table.rows[first + most :]
        head = _scope(found, view) | {
            "conversations": found.total.conversations,
            "cells": f"conversations by {found.then_by}",
            "listed_by": LISTED_BY,
            **coverage_part(found.coverage, found.window),
            **found.narrowing.above(found.notes),
        }
        if beyond:
            shown = (
                *shown,
                (more_groups(len(beyond)), tuple(map(sum, zip(*(counts for _, counts in beyond), strict=True)))),
            )
            head["left_out"] = _next_call(len(beyond), shown[most - 1][0] if most else None)
        return Answer(head, columns, [[label, *_with_rest(counts, MAX_GROUPS)] for label, counts in shown], below)

    too_many = bisect_left(range(MAX_GROUPS + 1), True, key=lambda most: not budget.holds(answer_of(most).text))
    return answer_of(max(0, too_many - 1))


@overload
def _with_rest(values: Sequence[str], most: int) -> list[str]: ...
@overload
def _with_rest(values: Sequence[int], most: int) -> list[int]: ...
def _with_rest(values: Sequence[Any], most: int) -> list[Any]:
    """Return the values of the columns, with those beyond `most` merged into one."""
    beyond = values[most:]
    if not beyond:
        return list(values)
    return [*values[:most], f"{len(beyond)} more" if isinstance(beyond[0], str) else sum(beyond)]


def _scope(found: InboxSummary, view: str) -> dict[str, Any]:
    """Return the keys that state the scope of the figures."""
    scope: dict[str, Any] = {"type": view, "window": str(found.window)}
    if found.by_time != "latest":
        scope |= {"by_time": found.by_time, f"{found.by_time}_without_time": found.without_time}
    if found.read_back_to is not None:
        scope["read_back_to"] = found.window.stamp(found.read_back_to)
    if found.only:
        scope["only"] = found.only
    return scope


def head_of(found: InboxSummary, view: str) -> dict[str, Any]:
    """Return scope, figures and coverage; without figures if a name fits several, because nothing was counted."""
    if found.narrowing.matches:
        return _scope(found, view) | coverage_part(found.coverage, found.window)
    head = _scope(found, view) | {"conversations": found.total.conversations} | _state(found)
    head |= {"target_minutes": found.target_minutes} | _measured(found.total, found)
    if found.before is not None:
        head |= {"compared_to": str(found.before_window), "before": _measured(found.before, found)}
        head["change"] = found.trend
    return {
        **head,
        "percentiles": METHOD,
        "listed_by": LISTED_BY,
        **coverage_part(found.coverage, found.window),
        **found.narrowing.above(found.notes),
    }


def _state(found: InboxSummary) -> dict[str, Any]:
    """Return the present state of the conversations; with `by_time=closed`, without waits and agents."""
    total, waits = found.total, {band.label: band.conversations for band in found.waits}
    closed = {"closed": total.closed, "unread": total.unread, "unread_messages": total.unread_messages}
    if found.by_time == "closed":
        return closed | {"pinned": total.pinned}
    return closed | {
        "unassigned": total.unassigned,
        "waiting": total.waiting,
        "pinned": total.pinned,
        "waits": waits | ({"unknown": total.unknown_waits} if total.unknown_waits else {}),
        "wait_clock": clip(str(found.clock), _LONGEST_CLOCK if found.before is None else _CLOCK_BESIDE_ANOTHER_PERIOD),
    }


def _measured(figures: Figures, found: InboxSummary) -> dict[str, Any]:
    """Return the figures that can be compared with another period."""
    outside, close = share_text(figures.outside_hours, figures.conversations), figures.time_to_close
    with_hours = found.by_time == "started" and not found.clock.hours.is_round_the_clock
    closes = {
        "count": close.count,
        "median": duration_text(close.median_seconds),
        "p90": duration_text(close.p90_seconds),
    }
    return {
        "conversations": figures.conversations,
        "never_answered": figures.never_answered,
        "late": figures.late,
        "missed_target": figures.missed_target,
        **({"outside_hours": outside} if with_hours else {}),
        **({"time_to_close": closes} if found.by_time == "closed" else {}),
        "first_response": _times(figures.first_response, figures.conversations),
        "avg_response": _times(figures.avg_response, None),
    }


def _times(times: ResponseTimes, conversations: int | None) -> dict[str, Any]:
    """Return response times; if `conversations` is given, with the shares answered in time."""
    spoken = {
        "count": times.count,
        "missing": times.missing,
        "median": duration_text(times.median_seconds),
        "mean": duration_text(times.mean_seconds),
        "p90": duration_text(times.p90_seconds),
    }
    if conversations is None:
        return spoken
    of_answered = [share_text(part, times.count) for part in (times.within_5m, times.within_target)]
    within_5m, within_target = (each and f"{each} of answered" for each in of_answered)
    of_all = share_text(times.within_target, conversations)
    return spoken | {
        "within_5m": within_5m,
        "within_target": within_target and f"{within_target}, {of_all} of all",
    }
