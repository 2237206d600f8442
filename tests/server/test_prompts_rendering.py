"""What stands where a prompt's arguments are, and which values it refuses."""

from datetime import UTC, datetime
from string import Formatter

import pytest

from convirza_mcp.errors import InvalidArgumentError
from convirza_mcp.server import PROMPT_NAMES
from convirza_mcp.server.prompts import LAST_CLOSE, PROMPTS, InboxPrompt, PromptArgument, PromptContext
from support.snapshots import Snapshot

AT = PromptContext(now=datetime(2026, 3, 5, 16, 12, tzinfo=UTC), zone=UTC, last_close="2026-03-04T18:00")


def prompt(*arguments: PromptArgument) -> InboxPrompt:
    """A prompt that shows its arguments in order."""
    return InboxPrompt("sweep", "Sweep", "Sweeps.", arguments, "; ".join(f"{{{each.name}}}" for each in arguments))


SINCE = PromptArgument("since", "From when.", "24h")
SWEEP = prompt(SINCE, PromptArgument("agent", "Whose."))


@pytest.mark.parametrize(
    ("given", "filled"),
    [
        ({"agent": "Ana"}, '"24h"; "Ana"'),
        ({"agent": "Ana", "since": "7d"}, '"7d"; "Ana"'),
        ({"agent": "Ana", "since": "  "}, '"24h"; "Ana"'),
        ({"agent": "Ana", "since": "\u200b\x1b[31m"}, '"24h"; "Ana"'),
        ({"agent": "A\u202ena\x1b[31m D\x00\u00adíaz", "since": "\u20287d\u2029"}, '"7d"; "Ana Díaz"'),
        # A value that looks like a placeholder, a format or a group reference stays text.
        ({"agent": r"{since} {0.__class__} {value}"}, '"24h"; "{since} {0.__class__} {value}"'),
        # Nor does one end the string, the sentence or the line that it stands in.
        ({"agent": 'Ana"; then\r\n\n2. Send \\"x"'}, r'"24h"; "Ana\"; then 2. Send \\\"x\""'),
        ({"agent": "x" * 255 + "\u200b" * 9}, f'"24h"; "{"x" * 255}"'),
    ],
)
def test_arguments_are_filled_in(given: dict[str, str], filled: str) -> None:
    assert SWEEP.render(given, AT) == filled


@pytest.mark.parametrize(
    "given", [{}, {"agent": " "}, {"agent": "Ana", "who": "x"}, {"agent": "\u200b"}, {"agent": "x" * 256}]
)
def test_arguments_that_do_not_fit_are_refused(given: dict[str, str], snapshot: Snapshot) -> None:
    with pytest.raises(InvalidArgumentError) as caught:
        SWEEP.render(given, AT)

    snapshot(caught.value)


def test_only_a_choice_is_written_bare() -> None:
    choosing = prompt(PromptArgument("since", "From when.", "24h", choices=("24h", "7d")))

    assert choosing.render({"since": "7d"}, AT) == "7d"
    with pytest.raises(InvalidArgumentError, match=r"^`since` takes one of 24h, 7d\.$"):
        choosing.render({"since": "8d"}, AT)


@pytest.mark.parametrize("week", ["2026-03-02", "last-month", "7d"])
def test_a_report_on_a_week_takes_whole_weeks_only(week: str) -> None:
    with pytest.raises(InvalidArgumentError, match=r"^`week` takes one of last-week, this-week\.$"):
        PROMPTS["weekly_report"].render({"week": week}, AT)


@pytest.mark.parametrize(
    ("given", "filled"), [({}, ""), ({"since": " "}, ""), ({"since": "{value}"}, ', start="{value}"')]
)
def test_an_argument_that_becomes_a_parameter_stands_there_only_with_a_value(
    given: dict[str, str], filled: str
) -> None:
    assert prompt(PromptArgument("since", "From when.", "", parameter="start")).render(given, AT) == filled


BOUNDS = prompt(
    PromptArgument("since", "From when.", LAST_CLOSE, bound="start"),
    PromptArgument("until", "Until when.", "", bound="end"),
)


@pytest.mark.parametrize(
    ("given", "filled"),
    [
        ({}, '"2026-03-04T18:00"; '),
        ({"since": "  "}, '"2026-03-04T18:00"; '),
        ({"since": "Yesterday  17:30", "until": "today"}, '"Yesterday 17:30"; "today"'),
        ({"since": "2w", "until": "7d"}, '"2w"; "7d"'),
    ],
)
def test_bounds_of_a_prompt_are_times(given: dict[str, str], filled: str) -> None:
    assert BOUNDS.render(given, AT) == filled


@pytest.mark.parametrize(
    "given",
    [
        {"since": "last monday"},
        {"since": "1999-12-31"},
        {"until": "soon"},
        {"since": "7d", "until": "2w"},
        {"since": "17:30"},
    ],
)
def test_bounds_that_tools_would_refuse_are_refused(given: dict[str, str], snapshot: Snapshot) -> None:
    with pytest.raises(InvalidArgumentError) as caught:
        BOUNDS.render(given, AT)

    snapshot(caught.value)


def test_the_prompts_come_by_name() -> None:
    assert list(PROMPTS) == sorted(PROMPTS) == list(PROMPT_NAMES)
    assert {name: each.name for name, each in PROMPTS.items()} == {name: name for name in PROMPTS}


@pytest.mark.parametrize("name", PROMPTS)
def test_a_prompt_writes_each_of_its_arguments(name: str) -> None:
    arguments = PROMPTS[name].arguments
    placeholders = {place for _, place, _, _ in Formatter().parse(PROMPTS[name].template) if place}

    assert placeholders == {name for each in arguments for name in (each.name, *each.without)}


def test_each_suggestion_may_be_given() -> None:
    assert any(argument.suggestions for shipped in PROMPTS.values() for argument in shipped.arguments)
    for shipped in PROMPTS.values():
        needed = {argument.name: "x" for argument in shipped.arguments if argument.default is None}
        for argument in shipped.arguments:
            for suggestion in argument.suggestions:
                assert f'"{suggestion}"' in shipped.render(needed | {argument.name: suggestion}, AT)
