"""The prompt templates: Markdown files with a TOML head, kept in `prompts/`.

    +++
    name = "triage_inbox"
    title = "Triage the inbox"
    description = "..."

    [[arguments]]
    name = "since"
    description = "..."
    default = "24h"
    bound = "start"
    suggestions = ["24h", "7d"]

    [[arguments]]
    name = "view"
    description = "..."
    default = "allOpen"
    choices = ["allOpen", "unassigned"]

    [[arguments]]
    name = "agent"
    description = "..."
    default = ""
    phrase = ", agent={value}"
    +++
    Look at what came in since {since}{agent} with type={view}, {agent?as one list|by agent}.

An argument without a default is required; all further keys are optional. `choices` are the only values that it may
have, `suggestions` some of them. A `bound` is a time, the `start` or the `end` of the window that is asked for, and is
read as tools read theirs. The default `{last_close}` is when the business last closed.

In the body `{name}` stands for an argument's value, or for its `phrase` with the value in it; one that is empty leaves
nothing there. `{name?one text|another}` is the first text where the argument is not empty, else the second. Other
braces are text. TOML, because the standard library reads it.

A value cannot break out of the sentence that it stands in: it is cleaned, on one line, at most 255 characters long, and
written as a JSON string, whose quotes it cannot close. Only one of the `choices` stands there bare.
"""

import json
import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, tzinfo
from pathlib import Path
from typing import Self

from convirza_mcp.clock.window import Window
from convirza_mcp.errors import InvalidArgumentError
from convirza_mcp.text.compare import on_one_line

_HEAD = re.compile(r"\A\+\+\+\n(?P<head>.*?)\n\+\+\+\n(?P<body>.*)\Z", re.DOTALL)
_PLACEHOLDER = re.compile(r"\{([a-z_]+)(?:\?([^{}|]*)\|([^{}|]*))?\}")
_VALUE = "{value}"
_LONGEST_VALUE = 255
_BOUNDS = ("start", "end")
# Any length would do: of the window only its bounds are looked at.
_DAYS = 30

LAST_CLOSE = "{last_close}"
"""As a default: when the business last closed."""


@dataclass(frozen=True, slots=True, kw_only=True)
class AskedAt:
    """When somebody asks for a prompt, in which zone, and the time at which the business had last closed."""

    now: datetime
    zone: tzinfo
    last_close: str


@dataclass(frozen=True, slots=True)
class PromptArgument:
    name: str
    description: str
    default: str | None = None
    choices: tuple[str, ...] | list[str] = ()
    suggestions: tuple[str, ...] | list[str] = ()
    bound: str | None = None
    phrase: str = _VALUE

    def written(self, value: str) -> str:
        """What stands in the body for this clean value; nothing for an empty one."""
        if not value:
            return ""
        return self.phrase.replace(_VALUE, value if self.choices else json.dumps(value, ensure_ascii=False))


@dataclass(frozen=True, slots=True)
class PromptTemplate:
    name: str
    title: str
    description: str
    arguments: tuple[PromptArgument, ...]
    body: str

    @classmethod
    def parse(cls, text: str) -> Self:
        """Read one template.

        Raises:
            ValueError: it has no head, the head lacks a key, a phrase has no place for its value, a bound is neither
                start nor end or there twice, or the body names an argument that the head lacks.
        """
        match = _HEAD.match(text.replace("\r\n", "\n"))
        if match is None:
            raise ValueError("a prompt template begins with a TOML head between +++ lines")
        head = tomllib.loads(match["head"])
        try:
            arguments = tuple(PromptArgument(**argument) for argument in head.get("arguments", ()))
            template = cls(head["name"], head["title"], head["description"], arguments, match["body"].strip())
        except (KeyError, TypeError) as error:
            raise ValueError(f"a prompt template's head does not fit: {error}") from None
        named = {match[1] for match in _PLACEHOLDER.finditer(template.body)}
        missing = named - {argument.name for argument in arguments}
        if missing:
            raise ValueError(f"the body of {template.name} names arguments that its head lacks: {sorted(missing)}")
        if any(_VALUE not in argument.phrase for argument in arguments):
            raise ValueError(f"a phrase of {template.name} has no {_VALUE}")
        bounds = [argument.bound for argument in arguments if argument.bound is not None]
        if len(set(bounds)) < len(bounds) or not set(bounds) <= set(_BOUNDS):
            raise ValueError(f"{template.name} takes one start and one end as bounds, not {bounds}")
        return template

    def render(self, given: Mapping[str, str], at: AskedAt) -> str:
        """The body with its arguments filled in.

        Raises:
            InvalidArgumentError: an argument is unknown, missing or too long, or no time or choice that it may be.
        """
        values = {argument.name: argument.default for argument in self.arguments}
        values = {name: at.last_close if value == LAST_CLOSE else value for name, value in values.items()}
        for name, value in given.items():
            if name not in values:
                raise InvalidArgumentError(name, f"This prompt takes {', '.join(values) or 'no arguments'}.")
            shown = on_one_line(value)
            if len(shown) > _LONGEST_VALUE:
                raise InvalidArgumentError(name, f"`{name}` takes text of at most {_LONGEST_VALUE} characters.")
            values[name] = shown or values[name]
        for argument in self.arguments:
            if argument.choices and values[argument.name] not in (None, *argument.choices):
                raise InvalidArgumentError(
                    argument.name, f"`{argument.name}` takes one of {', '.join(argument.choices)}."
                )
        written: dict[str, str] = {}
        for argument in self.arguments:
            filled = values[argument.name]
            if filled is None:
                raise InvalidArgumentError(argument.name, f"`{argument.name}` is required.")
            written[argument.name] = argument.written(filled)
        self._check_window(values, at)
        # In one pass, so that a value which looks like a placeholder stays text.
        return _PLACEHOLDER.sub(lambda match: _filled_in(match, written), self.body)

    def _check_window(self, values: Mapping[str, str | None], at: AskedAt) -> None:
        names = {argument.bound: argument.name for argument in self.arguments if argument.bound is not None}
        start, end = (values[names[bound]] or None if bound in names else None for bound in _BOUNDS)
        called = names.get("start", "start"), names.get("end", "end")
        Window.read(start, end, now=at.now, zone=at.zone, default_days=_DAYS, names=called)


def _filled_in(place: re.Match[str], written: Mapping[str, str]) -> str:
    name, given, otherwise = place.groups()
    if given is None:
        return written[name]
    return str(given if written[name] else otherwise)


def load_prompt_templates(folder: Path | None = None) -> tuple[PromptTemplate, ...]:
    """Every template of `folder`, by file name; by default those that the package came with."""
    files = sorted((folder or _shipped()).glob("*.md"))
    return tuple(PromptTemplate.parse(file.read_text(encoding="utf-8")) for file in files)


def _shipped() -> Path:
    # A wheel carries them inside the package; an editable install leaves them at the top of the repository.
    package = Path(__file__).parents[1]
    inside = package / "prompts"
    return inside if inside.is_dir() else package.parent / "prompts"
