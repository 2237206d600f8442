"""Sentences that name arguments, tools or figures. Each interface formats the names in its own way."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Literal, NamedTuple

from convirza_mcp.clock.window import Window


class Name(NamedTuple):
    """Name of an argument with an optional value, of a tool, or of a figure in the answer."""

    kind: Literal["argument", "tool", "figure"]
    name: str
    value: object = None


Wording = Callable[[Name], str]


def in_tools(name: Name) -> str:
    """Word a name for a model or a Python program: `start=90d`, `search_sms_messages`, `read_but_incoming`."""
    return name.name if name.value is None else f"{name.name}={name.value}"


def argument(name: str, value: object = None) -> Name:
    return Name("argument", name, value)


@dataclass(frozen=True, slots=True)
class Hint:
    """A sentence in parts: text, and names to format. As text it is formatted for tools."""

    parts: tuple[str | Name, ...]

    def worded(self, word: Wording = in_tools) -> str:
        return "".join(part if isinstance(part, str) else word(part) for part in self.parts)

    def __str__(self) -> str:
        return self.worded()


def hint(*parts: str | Name) -> Hint:
    return Hint(parts)


def longer_start(window: Window, *, at_least: int = 30) -> Name | None:
    """Return the `start` of a longer window of at least so many days; None if there is none to suggest."""
    start = window.longer_start(at_least=at_least)
    return None if start is None else argument("start", start)


def series(names: Iterable[Name], between: str = " and ") -> list[str | Name]:
    """Return the names as parts of a sentence, with a text between them."""
    return [part for name in names for part in (between, name)][1:]


def plural(count: int, noun: str) -> str:
    """Return the noun after this number: `row` after 1, else `rows`."""
    return noun if count == 1 else f"{noun}s"
