"""The prompts: texts in `texts/`, filled in with arguments.

A value cannot break out of its sentence: it is cleaned, on one line, at most 255 characters long, and written as a JSON
string, whose quotes it cannot close. Only an argument's `choices` are written without quotes. `prompts/` at the top of
the repository shows each prompt as a reader gets it; `scripts/tool_docs.py` writes those pages.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, tzinfo
from typing import Literal

from convirza_mcp.clock.window import Window
from convirza_mcp.errors import InvalidArgumentError
from convirza_mcp.server import packaged_text
from convirza_mcp.text.fold import on_one_line
from convirza_mcp.text.typed import plain
from convirza_mcp.tools.schema import is_word_for_nothing

LAST_CLOSE = "{last_close}"
"""Default that stands for the last close of business."""

_LONGEST_VALUE = 255
# Any length works, because only the bounds of the window are checked.
_DAYS = 30


@dataclass(frozen=True, slots=True, kw_only=True)
class PromptContext:
    """Time and zone of a prompt request, and the last close of business."""

    now: datetime
    zone: tzinfo
    last_close: str


@dataclass(frozen=True, slots=True)
class PromptArgument:
    """An argument of a prompt; required if it has no `default`.

    `choices` are its only values, `suggestions` some of its values. A `bound` is read as tools read their `start` and
    `end`. With a `parameter`, the value is written as that parameter of a call, after a comma, or omitted if empty.
    `without` has, by placeholder, the text for an empty value.
    """

    name: str
    description: str
    default: str | None = None
    choices: tuple[str, ...] = ()
    suggestions: tuple[str, ...] = ()
    bound: Literal["start", "end"] | None = None
    parameter: str | None = None
    without: Mapping[str, str] = field(default_factory=dict)

    def written(self, value: str) -> str:
        if not value:
            return ""
        shown = value if self.choices else json.dumps(value, ensure_ascii=False)
        return f", {self.parameter}={shown}" if self.parameter else shown


@dataclass(frozen=True, slots=True)
class InboxPrompt:
    """A prompt. `template` has each argument's name in braces, which `PromptArgument.written` replaces."""

    name: str
    title: str
    description: str
    arguments: tuple[PromptArgument, ...]
    template: str

    def render(self, given: Mapping[str, str], at: PromptContext) -> str:
        """Return the prompt with its arguments filled in; raise `InvalidArgumentError` for an unknown, missing or wrong
        one.
        """
        arguments = {each.name: each for each in self.arguments}
        values = {
            name: at.last_close if each.default == LAST_CLOSE else each.default for name, each in arguments.items()
        }
        for name, value in given.items():
            if name not in arguments:
                raise InvalidArgumentError(name, f"This prompt takes {', '.join(arguments) or 'no arguments'}.")
            each, shown = arguments[name], on_one_line(value)
            if each.choices or each.bound:
                shown = plain(shown)
            if each.default is not None and is_word_for_nothing(shown):
                shown = ""
            if len(shown) > _LONGEST_VALUE:
                raise InvalidArgumentError(name, f"`{name}` takes text of at most {_LONGEST_VALUE} characters.")
            values[name] = shown or values[name]
        written: dict[str, str] = {}
        for name, each in arguments.items():
            if (filled := values[name]) is None:
                raise InvalidArgumentError(name, f"`{name}` is required.")
            if each.choices and filled not in each.choices:
                raise InvalidArgumentError(name, f"`{name}` takes one of {', '.join(each.choices)}.")
            written[name] = each.written(filled)
            written |= {place: "" if filled else text for place, text in each.without.items()}
        self._check_window(values, at)
        return self.template.format(**written)

    def _check_window(self, values: Mapping[str, str | None], at: PromptContext) -> None:
        names = {each.bound: each.name for each in self.arguments if each.bound is not None}
        start, end = names.get("start", "start"), names.get("end", "end")
        bounds = values.get(start) or None, values.get(end) or None
        Window.read(*bounds, now=at.now, zone=at.zone, default_days=_DAYS, names=(start, end))


def _shipped(name: str, *arguments: PromptArgument) -> InboxPrompt:
    # A file begins with the title, the description and an empty line.
    title, description, _, template = packaged_text(name).split("\n", 3)
    return InboxPrompt(name, title, description, arguments, template)


_TIMES = ("today", "yesterday", "this-week", "last-week", "this-month", "last-month", "24h", "7d", "30d", "180d")
_ABOUT = PromptArgument("about", "Words from the message, a name, or a phone number.")
_START = PromptArgument(
    "start", "Start of the window: a date or an age such as 30d.", "30d", suggestions=_TIMES, bound="start"
)
_SINCE = replace(_START, name="since", description="How far back to look: an age such as 24h or 30d, or a date.")
_SINCE_LAST_CLOSE = PromptArgument(
    "since",
    "Start: a time such as yesterday 17:30, an age such as 16h, or a date. Default: the last close before today; "
    "without business hours yesterday 17:30, on a Monday Friday 17:30.",
    LAST_CLOSE,
    suggestions=("today", "yesterday 17:30", "yesterday", "16h", "24h", "7d"),
    bound="start",
)
_UNTIL = "End of the window; a date includes its whole day. Default: now."
_END = PromptArgument("end", _UNTIL, "", suggestions=_TIMES[:6], bound="end", parameter="end")
_VIEWS = ("allOpen", "assignedToYou", "unassigned")
_VIEW = PromptArgument("view", "allOpen, assignedToYou or unassigned.", "allOpen", choices=_VIEWS)
_WHOSE = "Filter by the agent's name or a part of it; none for unassigned. Default: all agents."
_AGENT = PromptArgument("agent", _WHOSE, "", suggestions=("none",), parameter="agent")
_WHICH = "Filter by business line: its number, the last digits, or its name. Default: all lines."
_LINE = PromptArgument("line", _WHICH, "", parameter="phone_number")
_WEEK = PromptArgument("week", "last-week or this-week.", "last-week", choices=("last-week", "this-week"))
_AGENT_OR_ALL = replace(
    _AGENT,
    without={
        "by_agent": "group_by=agent, ",
        "table": "a table by agent with the number of conversations beside every figure; ",
    },
)
PROMPTS = {
    each.name: each
    for each in (
        _shipped("find_conversation", _ABOUT, _START, _AGENT, _LINE),
        _shipped("morning_digest", _SINCE_LAST_CLOSE, _AGENT, _LINE),
        _shipped("response_time_review", _START, _END, _AGENT_OR_ALL, _LINE),
        _shipped("triage_inbox", _SINCE, _VIEW, _AGENT, _LINE),
        _shipped("unassigned_sweep", _START, _LINE),
        _shipped("weekly_report", _WEEK, _AGENT, _LINE),
    )
}
"""All prompts by name."""
