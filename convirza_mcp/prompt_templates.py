"""The prompt templates: Markdown files with a TOML head, kept in `prompts/`.

    +++
    name = "triage_inbox"
    title = "Triage the inbox"
    description = "..."

    [[arguments]]
    name = "since"
    description = "..."
    default = "24h"
    choices = ["24h", "7d"]

    [[arguments]]
    name = "agent"
    description = "..."
    default = ""
    phrase = ", agent={value}"
    +++
    Look at what came in since {since}{agent}.

An argument without a default is required; `choices` are optional. In the body `{name}` stands for an argument's
value, or for its `phrase` with the value in it; one that is empty leaves nothing there. Other braces are text. TOML,
because the standard library reads it.

A value cannot break out of the sentence that it stands in: it is cleaned, on one line, at most 255 characters long, and
written as a JSON string, whose quotes it cannot close. Only one of the `choices` stands there bare.
"""

import json
import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Self

from convirza_mcp.errors import InvalidArgument
from convirza_mcp.inbox.same_value import on_one_line

_HEAD = re.compile(r"\A\+\+\+\n(?P<head>.*?)\n\+\+\+\n(?P<body>.*)\Z", re.DOTALL)
_PLACEHOLDER = re.compile(r"\{([a-z_]+)\}")
_VALUE = "{value}"
_LONGEST_VALUE = 255


@dataclass(frozen=True, slots=True)
class PromptArgument:
    name: str
    description: str
    default: str | None = None
    choices: tuple[str, ...] | list[str] = ()
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
            ValueError: it has no head, the head lacks a key, a phrase has no place for its value, or the body names
                an argument that the head lacks.
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
        missing = set(_PLACEHOLDER.findall(template.body)) - {argument.name for argument in arguments}
        if missing:
            raise ValueError(f"the body of {template.name} names arguments that its head lacks: {sorted(missing)}")
        if any(_VALUE not in argument.phrase for argument in arguments):
            raise ValueError(f"a phrase of {template.name} has no {_VALUE}")
        return template

    def render(self, given: Mapping[str, str]) -> str:
        """The body with its arguments filled in.

        Raises:
            InvalidArgument: an argument is unknown, missing or too long.
        """
        values = {argument.name: argument.default for argument in self.arguments}
        for name, value in given.items():
            if name not in values:
                raise InvalidArgument(name, f"This prompt takes {', '.join(values) or 'no arguments'}.")
            shown = on_one_line(value)
            if len(shown) > _LONGEST_VALUE:
                raise InvalidArgument(name, f"`{name}` takes text of at most {_LONGEST_VALUE} characters.")
            values[name] = shown or values[name]
        for argument in self.arguments:
            if argument.choices and values[argument.name] not in (None, *argument.choices):
                raise InvalidArgument(argument.name, f"`{argument.name}` takes one of {', '.join(argument.choices)}.")
        written: dict[str, str] = {}
        for argument in self.arguments:
            filled = values[argument.name]
            if filled is None:
                raise InvalidArgument(argument.name, f"`{argument.name}` is required.")
            written[argument.name] = argument.written(filled)
        # In one pass, so that a value which looks like a placeholder stays text.
        return _PLACEHOLDER.sub(lambda match: written[match[1]], self.body)


def load_prompt_templates(folder: Path | None = None) -> tuple[PromptTemplate, ...]:
    """Every template of `folder`, by file name; by default those that the package came with."""
    files = sorted((folder or _shipped()).glob("*.md"))
    return tuple(PromptTemplate.parse(file.read_text(encoding="utf-8")) for file in files)


def _shipped() -> Path:
    # A wheel carries them inside the package; an editable install leaves them at the top of the repository.
    package = Path(__file__).parent
    inside = package / "prompts"
    return inside if inside.is_dir() else package.parent / "prompts"
