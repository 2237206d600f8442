"""Folding against its own definition, character by character."""

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from convirza_mcp.text.clean import clean
from convirza_mcp.text.fold import fold, fold_together, folded_with_places, place_of

STRAIGHT = str.maketrans("‘’“”„", '\'\'"""')


def by_hand(character: str) -> str:
    parts = unicodedata.normalize("NFKD", character)
    selectors = (*range(0x180B, 0x180E), 0x180F, *range(0xFE00, 0xFE10), *range(0xE0100, 0xE01F0))
    left = [each for each in parts if not unicodedata.combining(each) and ord(each) not in (0x200C, 0x200D, *selectors)]
    return "".join(left).translate(STRAIGHT).casefold()


EVERY_CHARACTER = "".join(chr(code) for code in range(0x110000) if not 0xD800 <= code < 0xE000)


@pytest.mark.parametrize("step", [101, pytest.param(1, marks=pytest.mark.long)])
def test_every_character_folds_by_itself(step: int) -> None:
    assert [each for each in EVERY_CHARACTER[::step] if fold(each) != by_hand(each)] == []


def test_folding_what_is_folded_changes_nothing() -> None:
    folded = fold(EVERY_CHARACTER)

    assert fold(folded) == folded


def closely(text: str) -> str:
    return fold(clean(text)) + "\N{CHECK MARK}"


@pytest.mark.parametrize(
    ("text", "folded"),
    [
        ("REFUND, please", "refund, please"),
        ("It’s SEÑOR Müller\n👩\u200d👧❤\ufe0f", "it's senor muller\n👩👧❤"),
        ("re\x1b[31mfund", "refund✓"),
        ("O&#39;Brien", "o&#39;brien✓"),
        ("a\0b", "ab✓"),
        ("half \ud83d", "half ✓"),
        ("", ""),
    ],
)
@pytest.mark.parametrize(
    "others", [[], ["a", "é"], ["\0", "\udc00"]], ids=["alone", "with clean ones", "with odd ones"]
)
def test_texts_fold_together_as_alone(text: str, folded: str, others: list[str]) -> None:
    together = fold_together([*others, text, *others], closely).decode().split("\0")

    assert together[len(others)].removesuffix("✓") == folded.removesuffix("✓")
    assert "✓" in together[len(others)] or "✓" not in folded


@given(
    st.lists(
        st.text(st.characters() | st.sampled_from("aÉßﬃİ“½ ❤\ufe0f가Σς&\0\x9b\u0301\ud83d"), max_size=12), min_size=1
    )
)
def test_folding_together_is_cleaning_and_folding_each(texts: list[str]) -> None:
    together = fold_together(texts, lambda text: fold(clean(text)))

    assert together.decode().split("\0") == [fold(clean(each)) for each in texts]


@given(st.text(st.characters() | st.sampled_from("aÉßﬃİ“½ ❤\ufe0f가Σς"), max_size=40))
def test_a_place_in_the_folded_text_is_found_in_the_text(text: str) -> None:
    folded, places = folded_with_places(text)

    assert folded == fold(text)
    assert [place_of(text, index) for index in range(len(folded))] == places
