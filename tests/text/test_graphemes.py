"""The boundaries between graphemes are those of Unicode Annex 29, as `regex` finds them with `\\X`."""

import pytest
import regex
from hypothesis import given
from hypothesis import strategies as st

from convirza_mcp.text.graphemes import grapheme_boundary, next_boundary
from support.benign_texts import BENIGN

CODE_POINTS = "".join(map(chr, range(0x110000)))
KINDS = (
    r"[\p{GCB=Control}\r\n]",
    *(rf"\p{{GCB={each}}}" for each in ("Extend", "Prepend", "SpacingMark", "L", "V", "T")),
    *(r"\p{InCB=Consonant}", r"\p{InCB=Linker}", r"\p{Extended_Pictographic}", r"\p{M}"),
)
# Of every kind the first and last character of each range; neighbors of one kind are likely neighbors.
SAMPLES = [
    [end for found in regex.finditer(f"{kind}+", CODE_POINTS, regex.VERSION1) for end in (found[0][0], found[0][-1])]
    for kind in KINDS
]
OTHERS = list("\r\n a\u200c\u200d\ufe0f\ud800\uac00\uac01\ud7a3\u1100\u1161\u11a8👩❤🏽🇺🇸क्\u093c\u1cf5\U00011a3a\u0600")
texts = st.lists(st.sampled_from([*SAMPLES, OTHERS]).flatmap(st.sampled_from), max_size=12).map("".join)

EXAMPLES = {
    "CR LF": "\r\n|a",
    "control characters": "a|\n|\u0301|b",
    "marks": "e\u0301\u0323|a\u0903|b",
    "Hangul": "\u1100\u1161\u11a8|\u1100\u1100\uac00\u11a8|\uac01\u11a8|\u1161\u11a8\u11a8|한|글",
    "prepended": "\u0600\u0661|\u0600\u0600a",
    "conjuncts": "क्ष|क्\u200dष|क्\u200c|ष|क\u093c्\u093cष|क|ष",
    "emoji": "👨\u200d👩\u200d👧|❤\ufe0f\u200d🔥|👍🏽|👍|a\u200d|👍",
    "flags": "🇺🇸|🇬🇧|🇫|a|🇫",
    "keycaps, text style": "1\ufe0f\u20e3|☺\ufe0e",
}


@pytest.mark.parametrize("marked", EXAMPLES.values(), ids=EXAMPLES)
def test_examples_of_each_rule(marked: str) -> None:
    graphemes = marked.split("|")
    assert boundaries("".join(graphemes)) == ends_of(graphemes)


def test_ordinary_texts_split_into_graphemes_as_regex_does() -> None:
    texts = [*BENIGN, "".join(BENIGN)]
    assert [text for text in texts if boundaries(text) != ends_of(regex.findall(r"\X", text))] == []


@given(texts)
def test_any_text_splits_into_graphemes_as_regex_does(text: str) -> None:
    assert boundaries(text) == ends_of(regex.findall(r"\X", text))


@given(texts, st.integers(min_value=-2, max_value=15))
def test_the_last_boundary_at_or_before_an_index(text: str, index: int) -> None:
    expected = max([end for end in boundaries(text) if end <= index], default=0)
    assert grapheme_boundary(text, index) == expected


@given(texts, st.integers(min_value=0, max_value=15))
def test_the_first_boundary_at_or_after_an_index(text: str, index: int) -> None:
    expected = min([end for end in boundaries(text) if end >= index], default=len(text))
    assert next_boundary(text, index) == expected


@pytest.mark.parametrize("piece", ["🇺", "\u0301", "👩\u200d", "क्", "\u1100", "\u0600", "\u200d"])
def test_an_endless_grapheme_is_one(piece: str) -> None:
    """Walking back over each of its characters again would take minutes."""
    text = "a" + piece * 30_000
    length = len(text) - 1
    expected = length - 1 if piece == "🇺" else 0 if piece in "\u0301\u200d" else 1
    assert grapheme_boundary(text, length) == expected
    assert next_boundary(text, 2) == (3 if piece == "🇺" else len(text))


def boundaries(text: str) -> list[int]:
    return [index for index in range(len(text) + 1) if grapheme_boundary(text, index) == index]


def ends_of(graphemes: list[str]) -> list[int]:
    ends = [0]
    for grapheme in graphemes:
        ends.append(ends[-1] + len(grapheme))
    return ends
