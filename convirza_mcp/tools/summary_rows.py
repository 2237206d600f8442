"""Rows and head of a summary's answer: figures in total, by group, and by pair of groups."""

from bisect import bisect_left
from collections.abc import Callable, Mapping, Sequence
from operator import attrgetter
from typing import Any, TypeVar

from convirza_mcp.answers.answer import Answer, Row
from convirza_mcp.answers.budget import Budget
from convirza_mcp.answers.head import coverage_part
from convirza_mcp.answers.hints import plural
from convirza_mcp.clock.durations import duration_text
from convirza_mcp.errors import InvalidArgumentError
from convirza_mcp.questions.figures import GroupFigures, InboxSummary, Table, more_groups
from convirza_mcp.questions.filters import timing
from convirza_mcp.questions.summary import TIMES_OF_CLOSING
from convirza_mcp.rules.grouping import GroupBy
from convirza_mcp.rules.summary import METHOD, Figures, ResponseTimes, share_text
from convirza_mcp.text.clean import clip
from convirza_mcp.text.entities import decoded
from convirza_mcp.text.fold import name_key

Value = TypeVar("Value", bound=int | str)

MAX_GROUPS = 30
_MAX_GROUPED_TOKENS, _MAX_COMPARED_TOKENS = 1_500, 2_200
_SHORTER_LABELS = (24, 16, 10, 8)
_LONGEST_CLOCK, _CLOCK_BESIDE_ANOTHER_PERIOD = 250, 100
LISTED_BY = "search_sms_messages with only=FIGURE or only=GROUP=VALUE"


def grouped(found: InboxSummary, view: str, after: str | None, budget: Budget) -> Answer:
    """Return the figures by group; if they exceed the budget, with shorter labels, then with fewer rows.

    Labels stay distinct among all groups. Groups are merged, not left out, so that the rows always add up to the total.
    """
    if found.table is not None and len(found.groups) > MAX_GROUPS:
        return _table(found, found.table, view, after, budget)
    first = place_after(list(map(_place, found.groups)), after)
    budget = budget.at_most(_MAX_GROUPED_TOKENS if found.before is None else _MAX_COMPARED_TOKENS)
    names = (found.group_by,) if found.table is None else (found.group_by, found.then_by)
    columns = (*names, *group_columns(found))

    below = found.narrowing.below(found.notes)

    def answer_of(most: int, label_length: int | None) -> Answer:
        lines = found.folded(most, first)
        rows = [_row(each, found, label_length if place < most else None) for place, each in enumerate(lines)]
        head = head_of(found, view)
        if len(lines) > most:
            head["left_out"] = _next_call(len(found.groups) - first - most, _place(lines[most - 1]) if most else None)
        return Answer(head, columns, rows, below)

    def distinct(label_length: int | None) -> int:
        return len({tuple(_labels(each, found, label_length)) for each in found.groups})

    shortest, labels = None, distinct(None)
    for length in (None, *_SHORTER_LABELS):
        if distinct(length) < labels:
            break
        fitted = answer_of(MAX_GROUPS, length)
        if budget.holds(fitted.text):
            return fitted
        shortest = length
    return _largest_that_fits(budget, MAX_GROUPS - 1, lambda most: answer_of(most, shortest))


def _largest_that_fits(budget: Budget, most: int, answer_of: Callable[[int], Answer]) -> Answer:
    too_many = bisect_left(range(most + 1), True, key=lambda count: not budget.holds(answer_of(count).text))
    return answer_of(max(0, too_many - 1))


def place_after(labels: Sequence[str], after: str | None) -> int:
    """Return the index after the group `after`, the last that the caller received; raise `InvalidArgumentError` if
    there is none.
    """
    if after is None:
        return 0
    # Entities in arguments are decoded.
    for read in (str, decoded):
        keys = [name_key(read(each)) for each in labels]
        if name_key(after) in keys:
            return keys.index(name_key(after)) + 1
    raise InvalidArgumentError("after", "`after` takes a group of this answer, as `left_out` names it.")


def _place(group: GroupFigures) -> str:
    """Return the value of `after` for the groups behind this one."""
    return group.label if group.then is None else f"{group.label}, {group.then}"


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
    counts = ("conversations", "unread", "unread_messages", "waiting", "answered")
    return (*counts, "first_median", "first_p90", "first_within_target")


def _row(group: GroupFigures, found: InboxSummary, label_length: int | None) -> Row:
    return [*_labels(group, found, label_length), *(group_value(group, name) for name in group_columns(found))]


def _labels(group: GroupFigures, found: InboxSummary, length: int | None) -> list[str | None]:
    labels = [group.label] if found.table is None else [group.label, group.then]
    return [each if each is None or length is None else clip(each, length) for each in labels]


def group_value(group: GroupFigures, column: str) -> str | int | None:
    if column == "change":
        return group.trend
    name, figures = column.removesuffix("_before"), group.before if column.endswith("_before") else group.figures
    return None if figures is None else _VALUES.get(name, attrgetter(name))(figures)


_VALUES: Mapping[str, Callable[[Figures], str | int | None]] = {
    "answered": lambda each: each.first_response.count,
    "first_median": lambda each: duration_text(each.first_response.median_seconds),
    "first_p90": lambda each: duration_text(each.first_response.p90_seconds),
    "first_within_target": lambda each: share_text(each.first_response.within_target, each.first_response.count),
    "close_median": lambda each: duration_text(each.time_to_close.median_seconds),
    "close_p90": lambda each: duration_text(each.time_to_close.p90_seconds),
}


def _table(found: InboxSummary, table: Table, view: str, after: str | None, budget: Budget) -> Answer:
    """Return a table of conversation counts: a row per first group, a column per second group."""
    first = place_after([label for label, _ in table.rows], after)
    names = [_without_minutes(label, found.then_by) for label in table.columns]
    cuts = ([clip(each, length) for each in names] for length in (16, 24, 40))
    names = next((short for short in cuts if len(set(short)) == len(names)), names)
    columns = (found.group_by, *_merged(names, lambda beyond: f"{len(beyond)} more"))
    budget = budget.at_most(_MAX_GROUPED_TOKENS)

    # A table of counts has no response times to explain, and its head states another time than the latest.
    notes = [each for each in found.notes if each != TIMES_OF_CLOSING]
    below = found.narrowing.below(notes)

    def answer_of(most: int) -> Answer:
        shown, beyond = table.rows[first : first + most], table.rows[first + most :]
        head = _scope(found, view) | {
            "conversations": found.total.conversations,
            "cells": f"conversations by {found.then_by}",
            "listed_by": LISTED_BY,
            **coverage_part(found.coverage, found.window),
            **found.narrowing.above(notes),
        }
        if beyond:
            sums = tuple(map(sum, zip(*(counts for _, counts in beyond), strict=True)))
            shown = (*shown, (more_groups(len(beyond)), sums))
            head["left_out"] = _next_call(len(beyond), shown[most - 1][0] if most else None)
        rows: list[Row] = [[_without_minutes(label, found.group_by), *_merged(counts, sum)] for label, counts in shown]
        return Answer(head, columns, rows, below)

    return _largest_that_fits(budget, MAX_GROUPS, answer_of)


def _without_minutes(label: str, by: GroupBy) -> str:
    return label.removesuffix(":00") if by == "hour" else label


def _merged(values: Sequence[Value], rest: Callable[[Sequence[Value]], Value]) -> list[Value]:
    """Return the values of the columns, with those beyond `MAX_GROUPS` merged into one."""
    beyond = values[MAX_GROUPS:]
    return [*values[:MAX_GROUPS], rest(beyond)] if beyond else list(values)


def _scope(found: InboxSummary, view: str) -> dict[str, Any]:
    times = timing(found.window, found.by_time, found.without_time, found.read_back_to)
    return {"type": view, "window": str(found.window), **times, **({"only": found.only} if found.only else {})}


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
    median, p90 = map(duration_text, (close.median_seconds, close.p90_seconds))
    closes = {"count": close.count, "median": median, "p90": p90}
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
