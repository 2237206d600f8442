"""Folding against its own definition, character by character."""

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from convirza_mcp.text.fold import fold, folded_with_places, place_of

STRAIGHT = str.maketrans("‘’“”„", '\'\'"""')


def by_hand(character: str) -> str:
    parts = unicodedata.normalize("NFKD", character)
    selectors = (*range(0x180B, 0x180E), 0x180F, *range(0xFE00, 0xFE10), *range(0xE0100, 0xE01F0))
    left = [each for each in parts if not unicodedata.combining(each) and ord(each) not in (0x200C, 0x200D, *selectors)]
    return "".join(left).translate(STRAIGHT).casefold()


@pytest.mark.parametrize(
    ("codes", "company"),
    [
        (range(0, 0x3000, 7), "ß"),
        *(
            pytest.param(codes, company, marks=pytest.mark.long)
            for codes, companies in (
                (range(0x3000), "É“☀ß"),
                (range(0x3000, 0x12000), "☀"),
                (range(0x1F000, 0x1FC00), "É"),
            )
            for company in ("", *companies)
        ),
    ],
    ids=str,
)
def test_every_character_folds_by_itself_in_any_company(codes: range, company: str) -> None:
    wrong = [
        f"U+{code:04X}"
        for code in codes
        if fold(chr(code) + company) != by_hand(chr(code)) + "".join(map(by_hand, company))
    ]

    assert wrong == []


@given(st.text(st.characters() | st.sampled_from("aÉßﬃİ“½ ❤\ufe0f가Σς"), max_size=40))
def test_a_place_in_the_folded_text_is_found_in_the_text(text: str) -> None:
    folded, places = folded_with_places(text)

    assert folded == fold(text)
    assert [place_of(text, index) for index in range(len(folded))] == places
