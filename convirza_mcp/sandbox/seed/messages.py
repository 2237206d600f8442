"""The latest message of each conversation, made up from phrases."""

import random
from collections.abc import Callable, Sequence
from typing import Protocol

from convirza_mcp.sandbox.seed.chance import between, pick
from convirza_mcp.sandbox.seed.people import AGENTS
from convirza_mcp.sandbox.seed.phrases import DECORATIONS, OPT_OUTS, PHRASES, SHORTEST

LONGEST = 1600
"""Characters in the longest message that carriers take."""

_STREETS = ("Larkspur Ln", "E 4500 S", "Juniper Ct #3", "Old Mill Rd", "N Cottonwood Ave")


class Writer(Protocol):
    """Returns the text of a message, or None for a message with only a picture; `incoming` if a contact wrote it."""

    def __call__(self, *, language: str, incoming: bool) -> str | None: ...


class _Details(dict[str, str]):
    """The details of one message, each made up when a template first names it."""

    def __init__(self, random_: random.Random) -> None:
        super().__init__()
        self._random = random_

    def __missing__(self, name: str) -> str:
        made_up = _DETAILS[name](self._random)
        self[name] = made_up
        return made_up


def _ordinal(random_: random.Random) -> str:
    day = _day(random_)
    ending = "th" if 10 < day < 14 else {1: "st", 2: "nd", 3: "rd"}.get(day % 10, "th")
    return f"{day}{ending}"


def _day(random_: random.Random) -> int:
    # A day that every month has, so that a text does not depend on its date.
    return between(random_, 1, 28)


_DETAILS: dict[str, Callable[[random.Random], str]] = {
    "agent": lambda random_: pick(random_, AGENTS).name.split()[0],
    "count": lambda random_: str(between(random_, 2, 45)),
    "day": lambda random_: str(_day(random_)),
    "link": lambda random_: f"https://example.com/{pick(random_, 'qrvw')}/{random_.getrandbits(30):x}",
    "nth": _ordinal,
    "order": lambda random_: f"#{pick(random_, 'ABKXZ')}{between(random_, 10_000, 99_999)}",
    "price": lambda random_: f"${between(random_, 19, 4_800):,}" + pick(random_, ("", "", ".50", ".99")),
    "street": lambda random_: f"{between(random_, 12, 9_800)} {pick(random_, _STREETS)}",
    "time": lambda random_: f"{between(random_, 1, 12)}:{pick(random_, ('00', '15', '30', '45'))}",
}


def phrase_writer(random_: random.Random) -> Writer:
    """Writes 1 to 1,600 characters: mostly a phrase or two, some a single character, some a long complaint."""

    def write(*, language: str, incoming: bool) -> str | None:
        # Half of those with another first language write English to an American business.
        phrases = PHRASES[language if random_.random() < 0.55 else "en"]
        templates = phrases.incoming if incoming else phrases.outgoing
        details = _Details(random_)

        def phrase() -> str:
            return pick(random_, templates).format_map(details)

        kind = random_.random()
        if kind < 0.007:
            return None
        if incoming and kind < 0.035:
            return pick(random_, SHORTEST)
        if incoming and kind < 0.06:
            return pick(random_, OPT_OUTS)
        if kind < 0.12:
            return _long(phrase, _Details(random_), templates, random_)
        text = phrase()
        if kind < 0.30:
            text += pick(random_, (" ", "\n", "\n\n")) + phrase()
        if kind > 0.80:
            text += " " + pick(random_, DECORATIONS)
        return text

    return write


def _long(phrase: Callable[[], str], details: _Details, templates: Sequence[str], random_: random.Random) -> str:
    length = between(random_, 300, LONGEST)
    text = phrase()
    while True:
        details.clear()
        longer = text + pick(random_, (" ", " ", "\n")) + pick(random_, templates).format_map(details)
        if len(longer) > length:
            return text
        text = longer


def text_writer(texts: Sequence[str], random_: random.Random) -> Writer:
    """Gives the texts in a random order, each once before any comes again."""
    shuffled = random_.sample(texts, len(texts))
    given = 0

    def write(*, language: str, incoming: bool) -> str:
        nonlocal given
        given += 1
        return shuffled[(given - 1) % len(shuffled)]

    return write
