"""Measure the cost of cleaning and masking strangers' texts."""

import random
import time
from collections.abc import Callable, Iterator
from statistics import median

from contestants import OURS, Measure

from convirza_mcp.privacy.masking import mask_text
from convirza_mcp.text.clean import clean

_LENGTH = 100_000
_MESSAGES = 50_000
_WORDS = [
    "can",
    "you",
    "call",
    "me",
    "back",
    "when",
    "the",
    "estimate",
    "for",
    "our",
    "kitchen",
    "is",
    "ready",
    "thanks",
    "see",
    "tomorrow",
    "about",
    "the",
    "invoice",
]
_NUMBERS = ("({}) {}-{}", "{}-{}-{}", "{}{}{}", "+1{}{}{}", "+1 {} {} {}", "order {}{}{}")
_HOSTILE = (
    *(
        "word ",
        "a",
        "e\u0301",
        "\u0301",
        "\u0301" * 12,
        "\u200d",
        "\u202e",
        "\ufe0f",
        "\u00ad",
        "\ue000",
        "\x00",
        "\x9b31m",
    ),
    *(
        "\x1b[31m",
        "\x1b]0;t\x07",
        "\U0001f468\u200d\U0001f469",
        "\U0001f3fd",
        "\U000e0041",
        "\u0645\u200c",
        "\u0915\u094d\u200d",
    ),
)


def measure() -> Iterator[Measure]:
    draw = random.Random(1)
    hostile = "".join(draw.choice(_HOSTILE) for _ in range(_LENGTH))[:_LENGTH]
    ordinary = " ".join(draw.choice(_WORDS) for _ in range(_LENGTH))[:_LENGTH]
    messages = [_message(draw) for _ in range(_MESSAGES)]
    yield _timed("clean 100,000 characters of hostile pieces", lambda: clean(hostile), at_most=20)
    yield _timed("clean 100,000 ordinary characters", lambda: clean(ordinary), at_most=1)
    yield _timed(
        "mask 50,000 messages, each with a number",
        lambda: [mask_text(text, "18015550100") for text in messages],
        at_most=500,
    )


def _message(draw: random.Random) -> str:
    digits = "".join(draw.choice("23456789") for _ in range(10))
    words = [draw.choice(_WORDS) for _ in range(draw.randint(3, 25))]
    words.insert(draw.randrange(len(words)), draw.choice(_NUMBERS).format(digits[:3], digits[3:6], digits[6:]))
    return " ".join(words)


def _timed(what: str, work: Callable[[], object], at_most: float) -> Measure:
    taken = []
    for _ in range(5):
        began = time.perf_counter()
        work()
        taken.append((time.perf_counter() - began) * 1_000)
    return Measure(what, "ms", {OURS: median(taken)}, at_most=at_most)
