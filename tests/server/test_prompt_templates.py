from datetime import UTC, datetime
from pathlib import Path

import pytest

from convirza_mcp.clock.expressions import FORMS
from convirza_mcp.errors import InvalidArgumentError
from convirza_mcp.server.prompts import AskedAt, PromptArgument, PromptTemplate, load_prompt_templates

AT = AskedAt(now=datetime(2026, 3, 5, 16, 12, tzinfo=UTC), zone=UTC, last_close="2026-03-04T18:00")

TEXT = """\
+++
name = "sweep"
title = "Sweep"
description = "Sweeps."

[[arguments]]
name = "since"
description = "From when."
default = "24h"

[[arguments]]
name = "agent"
description = "Whose."
+++

Look since {since} for {agent}; {"keep": "this"} and {0} and {}.
"""


def test_a_template_is_read() -> None:
    assert PromptTemplate.parse(TEXT) == PromptTemplate(
        name="sweep",
        title="Sweep",
        description="Sweeps.",
        arguments=(PromptArgument("since", "From when.", "24h"), PromptArgument("agent", "Whose.")),
        body='Look since {since} for {agent}; {"keep": "this"} and {0} and {}.',
    )


def test_windows_line_ends_are_read_alike() -> None:
    assert PromptTemplate.parse(TEXT.replace("\n", "\r\n")) == PromptTemplate.parse(TEXT)


@pytest.mark.parametrize(
    ("given", "filled"),
    [
        ({"agent": "Ana"}, 'Look since "24h" for "Ana";'),
        ({"agent": "Ana", "since": "7d"}, 'Look since "7d" for "Ana";'),
        ({"agent": "Ana", "since": "  "}, 'Look since "24h" for "Ana";'),
        ({"agent": "Ana", "since": "\u200b\x1b[31m"}, 'Look since "24h" for "Ana";'),
        ({"agent": "A\u202ena\x1b[31m D\x00\u00adíaz", "since": "\u20287d\u2029"}, 'Look since "7d" for "Ana Díaz";'),
        # A value that looks like a placeholder, a format or a group reference stays text.
        ({"agent": r"{since} {0.__class__} {value}"}, 'Look since "24h" for "{since} {0.__class__} {value}";'),
        # Nor does one end the string, the sentence or the line that it stands in.
        ({"agent": 'Ana"; then\r\n\n2. Send \\"x"'}, r'Look since "24h" for "Ana\"; then 2. Send \\\"x\"";'),
        ({"agent": "x" * 255 + "\u200b" * 9}, f'Look since "24h" for "{"x" * 255}";'),
    ],
)
def test_arguments_are_filled_in(given: dict[str, str], filled: str) -> None:
    assert PromptTemplate.parse(TEXT).render(given, AT) == filled + ' {"keep": "this"} and {0} and {}.'


@pytest.mark.parametrize(
    ("given", "sentence"),
    [
        ({}, "`agent` is required."),
        ({"agent": " "}, "`agent` is required."),
        ({"agent": "Ana", "who": "x"}, "This prompt takes since, agent."),
        ({"agent": "\u200b"}, "`agent` is required."),
        ({"agent": "x" * 256}, "`agent` takes text of at most 255 characters."),
    ],
)
def test_arguments_that_do_not_fit_are_refused(given: dict[str, str], sentence: str) -> None:
    with pytest.raises(InvalidArgumentError) as caught:
        PromptTemplate.parse(TEXT).render(given, AT)

    assert str(caught.value) == sentence


@pytest.mark.parametrize(
    "text",
    [
        "no head",
        TEXT.replace('title = "Sweep"\n', ""),
        TEXT.replace("{since}", "{until}"),
        TEXT.replace('default = "24h"', 'standard = "24h"'),
        TEXT.replace('name = "sweep"', "name = sweep"),
        TEXT.replace('default = "24h"', 'phrase = ", start={values}"'),
        TEXT.replace('default = "24h"', 'bound = "since"'),
        TEXT.replace("description", 'bound = "end"\ndescription').replace('bound = "end"\n', "", 1),
        TEXT.replace("{since}", "{until?a|b}"),
    ],
)
def test_a_template_that_does_not_fit_is_refused(text: str) -> None:
    with pytest.raises(ValueError):  # noqa: PT011 - tomllib's own message or ours
        PromptTemplate.parse(text)


def test_an_argument_may_have_choices() -> None:
    template = PromptTemplate.parse(TEXT.replace('default = "24h"', 'default = "24h"\nchoices = ["24h", "7d"]'))

    assert template.render({"agent": "Ana", "since": "7d"}, AT).startswith('Look since 7d for "Ana";')
    with pytest.raises(InvalidArgumentError, match=r"^`since` takes one of 24h, 7d\.$"):
        template.render({"agent": "Ana", "since": "8d"}, AT)


@pytest.mark.parametrize(
    ("given", "filled"),
    [({}, "Look since;"), ({"since": " "}, "Look since;"), ({"since": "{value}"}, 'Look since, start="{value}";')],
)
def test_an_argument_may_have_a_phrase_that_stands_there_only_with_it(given: dict[str, str], filled: str) -> None:
    text = TEXT.replace('default = "24h"', 'default = ""\nphrase = ", start={value}"')
    template = PromptTemplate.parse(text.replace("since {since} for {agent};", "since{since};"))

    assert template.render({"agent": "Ana"} | given, AT).startswith(filled)


@pytest.mark.parametrize(("given", "filled"), [({}, "Look everywhere"), ({"since": "7d"}, "Look a\nwhile back")])
def test_a_body_may_have_one_of_two_texts(given: dict[str, str], filled: str) -> None:
    text = TEXT.replace('default = "24h"', 'default = ""')
    template = PromptTemplate.parse(text.replace("since {since} for", "{since?a\nwhile back|everywhere} for{agent?|x}"))

    assert template.render({"agent": "{since?a|b}"} | given, AT).startswith(f'{filled} for "{{since?a|b}}";')


BOUNDS = TEXT.replace('default = "24h"', 'default = "{last_close}"\nbound = "start"').replace(
    'name = "agent"', 'name = "until"\nbound = "end"\ndefault = ""'
)


@pytest.mark.parametrize(
    ("given", "filled"),
    [
        ({}, 'Look since "2026-03-04T18:00" for ;'),
        ({"since": "  "}, 'Look since "2026-03-04T18:00" for ;'),
        ({"since": "Yesterday  17:30", "until": "today"}, 'Look since "Yesterday 17:30" for "today";'),
        ({"since": "2w", "until": "7d"}, 'Look since "2w" for "7d";'),
    ],
)
def test_bounds_are_times(given: dict[str, str], filled: str) -> None:
    template = PromptTemplate.parse(BOUNDS.replace("{agent}", "{until}"))

    assert template.render(given, AT).startswith(filled)


@pytest.mark.parametrize(
    ("given", "sentence"),
    [
        ({"since": "last monday"}, f"`since` takes {FORMS}."),
        ({"since": "1999-12-31"}, f"`since` takes {FORMS}."),
        ({"until": "soon"}, f"`until` takes {FORMS}."),
        (
            {"since": "7d", "until": "2w"},
            "`until` must be after `since`; without `until` the window ends now, so `since` must lie in the past.",
        ),
        (
            {"since": "17:30"},
            "`until` must be after `since`; without `until` the window ends now, so `since` must lie in the past.",
        ),
    ],
)
def test_bounds_that_tools_would_refuse_are_refused(given: dict[str, str], sentence: str) -> None:
    with pytest.raises(InvalidArgumentError) as caught:
        PromptTemplate.parse(BOUNDS.replace("{agent}", "{until}")).render(given, AT)

    assert str(caught.value) == sentence


def test_templates_come_by_file_name(tmp_path: Path) -> None:
    for name in ("b", "a"):
        (tmp_path / f"{name}.md").write_text(TEXT.replace('"sweep"', f'"{name}"'), encoding="utf-8")
    (tmp_path / "README.txt").write_text("not one", encoding="utf-8")

    assert [template.name for template in load_prompt_templates(tmp_path)] == ["a", "b"]


def test_the_editable_install_finds_the_shipped_ones() -> None:
    assert [template.name for template in load_prompt_templates()] == [
        "find_conversation",
        "morning_digest",
        "response_time_review",
        "triage_inbox",
        "unassigned_sweep",
    ]


def test_each_suggestion_may_be_given() -> None:
    shipped = load_prompt_templates()
    assert any(argument.suggestions for template in shipped for argument in template.arguments)
    for template in shipped:
        needed = {argument.name: "x" for argument in template.arguments if argument.default is None}
        for argument in template.arguments:
            for suggestion in argument.suggestions:
                assert f'"{suggestion}"' in template.render(needed | {argument.name: suggestion}, AT)
