"""Ordinary texts stay as they are; of any other nothing forbidden is left, and a second cleaning changes nothing."""

import sys
import unicodedata
from itertools import product

import pytest
import regex
from hypothesis import given
from hypothesis import strategies as st

from convirza_mcp.text.clean import clean, clip
from support.benign_texts import BENIGN, FLAGS, KEYCAPS, WRITTEN

ESC = "\x1b"
BEL = "\x07"
ST = f"{ESC}\\"
ZWJ = "\u200d"
ZWNJ = "\u200c"
VS15 = "\ufe0e"
VS16 = "\ufe0f"
ACUTE = "\u0301"
DOT_BELOW = "\u0323"
STRIKE = "\u0336"


def test_ordinary_texts_come_through_unchanged() -> None:
    texts = [form.format(text) for text in BENIGN for form in ("{0}", "See: {0}\n{0}!")]
    assert [text for text in texts if clean(text) != text] == []


def test_the_ordinary_texts_are_many_and_of_every_kind() -> None:
    assert len(set(BENIGN)) == len(BENIGN) >= 200
    assert (len(FLAGS), len(KEYCAPS)) == (259, 12)
    assert {"Hebrew", "Arabic", "Persian", "Hindi", "Bengali", "Tamil", "Sinhala", "Thai", "Khmer", "Korean"} <= {
        *WRITTEN
    }


def test_every_emoji_comes_through_in_both_styles_and_every_tone() -> None:
    emoji = regex.findall(r"[\p{Emoji}--[\x00-\x7f]]", "".join(map(chr, range(0x110000))), regex.VERSION1)
    bases = regex.findall(r"\p{Emoji_Modifier_Base}", "".join(emoji))
    assert len(emoji) > 1400
    assert len(bases) > 100
    for text in (
        "".join(emoji),
        "".join(character + style for character in emoji for style in (VS15, VS16)),
        "".join(base + tone for base in bases for tone in "🏻🏼🏽🏾🏿"),
        "".join(base + "🏽" + ZWJ + "♀" + VS16 for base in bases),
        ZWJ.join(regex.findall(r"\p{ExtPict}", "".join(emoji))),
    ):
        assert clean(text) == text


def test_a_character_is_cleaned_alike_alone_and_in_a_text_of_rare_ones() -> None:
    # Alone, many take a shorter way. Only marks, joiners and selectors depend on their neighbors.
    dependent = regex.compile(r"[\p{M}\p{Join_Control}\p{Variation_Selector}]")
    for code in (*range(0x80, 0x2800), *range(0x1F000, 0x1FC00)):
        if not dependent.match(character := chr(code)):
            assert clean(f"א {character * 12}") == f"א {clean(character * 12)}"


# Whatever hypothesis can think of

PIECES = [
    *(ESC, BEL, ST, *"[]P3;m\\\x9b\x9d\x90\x9c\x9e\x9f\x18"),
    *"\r\n\v\u2028\x85\x92\x81\u200b\u202e\u034f\u00ad\U000e0041\U000e007f",
    *(ZWJ, ZWNJ, VS15, VS16, *"\ufe00\U000e0100\u180b❤🏽👩🏴🇺1#\u20e3漢\u1820"),
    *"ب\u064eर\u094d\u093c\u09c7\u09be\u0958aeuếậǘ \u00a0\u0600",
    *(ACUTE, DOT_BELOW, ACUTE * 9, DOT_BELOW * 9, "\U00011046" * 9, *"\u0308\u0338↔\u0344\u0f73\u1112\u1161\u11ab하"),
    *"\ud800\udc00\ue000\uffff\u0378\U00011131\U00011127\u212b\ufb2c",
]
any_text = st.text(st.characters(min_codepoint=0, max_codepoint=sys.maxunicode, exclude_categories=()))
hostile_text = st.lists(st.sampled_from(PIECES), max_size=30).map("".join)

_FORBIDDEN = regex.compile(
    r"[[\p{C}\p{Zl}\p{Zp}\p{Default_Ignorable_Code_Point}\p{Bidi_Control}\p{Noncharacter_Code_Point}]"
    r"--\p{Cn}--[\t\n\u200c\u200d]--\p{Variation_Selector}--\p{Prepended_Concatenation_Mark}]"
    r"|[\p{Cn}&&[\p{Default_Ignorable_Code_Point}\p{Noncharacter_Code_Point}]]"
    r"|\p{M}{9}"
    # A selector with nothing visible before it, a second one, or one that its base cannot take
    r"|(?<![^\p{M}\p{Z}\p{C}]|\p{Cn})\p{Variation_Selector}"
    r"|(?<=[[\x00-\x7f]--[#*0-9]])\p{Variation_Selector}"
    r"|(?<=[#*0-9])[\p{Variation_Selector}--[\ufe0e\ufe0f]]"
    r"|(?<!\p{Han})[\U000e0100-\U000e01ef]"
    r"|(?<!\p{Mongolian})[\u180b-\u180d\u180f]"
    # A joiner between anything but emoji, or letters of the scripts that use it
    r"|(?<![\p{Emoji}\p{ExtPict}\p{scx=Arab}\p{InSC=Virama}\p{L}\p{M}])[\u200c\u200d]"
    r"|[\u200c\u200d](?![\p{Emoji}\p{ExtPict}\p{L}\p{M}])"
    r"|(?<=\p{Latin}|\p{Han}|\p{Greek}|\p{Cyrillic})[\u200c\u200d]"
    r"|\p{ExtPict}\u200c|\u200c\p{ExtPict}",
    regex.VERSION1,
)


def assert_clean(text: str) -> None:
    assert (found := _FORBIDDEN.search(text)) is None, ascii(found)
    assert unicodedata.is_normalized("NFC", text)
    assert clean(text) == text


@given(any_text | hostile_text)
def test_nothing_forbidden_is_left_and_twice_changes_nothing(text: str) -> None:
    assert_clean(clean(text))


@pytest.mark.parametrize(
    ("between", "most"),
    [("", 0x20000), *(pytest.param(each, sys.maxunicode, marks=pytest.mark.long) for each in ("", " ", "र"))],
)
def test_every_code_point_is_cleaned(between: str, most: int) -> None:
    # Most above the first two planes have no meaning yet.
    assert_clean(clean(between.join(map(chr, range(most + 1)))))


@pytest.mark.parametrize("longest", [3, pytest.param(4, marks=pytest.mark.long)])
def test_every_short_text_of_one_of_each_kind_is_cleaned_for_good(longest: int) -> None:
    kinds = [*"a1❤🏽بर\u094d", ACUTE, DOT_BELOW, ZWJ, ZWNJ, VS16, *"漢\U000e0100\u1820\u180b"]
    for length in range(1, longest + 1):
        for text in map("".join, product(kinds, repeat=length)):
            cleaned = clean(text)
            assert clean(cleaned) == cleaned, ascii(text)


CODE_POINTS = "".join(map(chr, range(sys.maxunicode + 1)))


def test_every_decomposed_text_is_composed_and_clean() -> None:
    composed = [each for each in CODE_POINTS if unicodedata.normalize("NFD", each) != each]
    assert len(composed) > 13_000
    assert_clean(clean("a".join(unicodedata.normalize("NFD", each) for each in composed)))


def test_what_unicode_calls_hidden_goes_wherever_it_stands_and_nothing_visible_does() -> None:
    hidden = regex.findall(
        r"[[\p{Cf}\p{Co}\p{Cs}\p{Noncharacter_Code_Point}\p{Default_Ignorable_Code_Point}]"
        r"--\p{Join_Control}--\p{Variation_Selector}--\p{Prepended_Concatenation_Mark}]",
        CODE_POINTS,
        regex.VERSION1,
    )
    visible = "".join(
        regex.findall(r"[[\p{L}\p{N}\p{P}\p{S}]--\p{Default_Ignorable_Code_Point}]", CODE_POINTS, regex.VERSION1)
    )
    assert clean("a".join(["", *hidden, ""])) == "a" * (len(hidden) + 1)
    assert clean(visible) == unicodedata.normalize("NFC", visible)


def test_no_mark_is_stacked_higher_than_eight() -> None:
    marks = regex.findall(r"[\p{M}--\p{Default_Ignorable_Code_Point}]", CODE_POINTS, regex.VERSION1)
    assert_clean(clean("".join(f"x{mark * 12}" for mark in marks)))


@pytest.mark.parametrize("offset", range(8))
def test_what_of_a_tower_is_left_does_not_depend_on_its_place(offset: int) -> None:
    """Of a stack of more than 32 marks the others are dropped before composition sorts them."""
    before = "a" * offset
    assert clean(f"{before}e{ACUTE * 31}{DOT_BELOW}b") == f"{before}ẹ{ACUTE * 8}b"
    assert clean(f"{before}e{ACUTE * 32}{DOT_BELOW}b") == f"{before}é{ACUTE * 8}b"


def test_a_flood_is_cleaned_as_its_parts_are() -> None:
    """Another pattern finds the stray joiners of a flood."""
    kinds = CODE_POINTS[0x20:0x3400] + CODE_POINTS[0x3400:0x1F000:31] + CODE_POINTS[0x1F000:0x20000]
    lines = [f"र{ZWJ}{each}{ZWJ}र {each}{ZWJ}\u094d 👩{ZWJ}{each}{ZWJ}👩" for each in kinds]
    parts = ["\n".join(lines[first : first + 500]) for first in range(0, len(lines), 500)]
    assert clean("\n".join(parts)) == "\n".join(map(clean, parts))


@given(st.text(st.characters(max_codepoint=0x7E, min_codepoint=0x20) | st.sampled_from("\t\n")))
def test_printable_ascii_is_left_alone(text: str) -> None:
    assert clean(text) is text


# Cutting

CUT = {
    "fits": ("Hello", 5, "Hello"),
    "ASCII": ("Hello there", 6, "Hello…"),
    "one": ("Hello", 1, "…"),
    "none": ("Hello", 0, ""),
    "below none": ("Hello", -3, ""),
    "empty": ("", 0, ""),
    "before a mark": (f"ax{ACUTE}b", 3, "a…"),
    "within a family": (f"Hi 👨{ZWJ}👩{ZWJ}👧{ZWJ}👦!", 8, "Hi …"),
    "behind a family": (f"Hi 👨{ZWJ}👩{ZWJ}👧{ZWJ}👦! Bye", 11, f"Hi 👨{ZWJ}👩{ZWJ}👧{ZWJ}👦…"),
    "within a flag": ("🇺🇸🇬🇧🇫🇷", 4, "🇺🇸…"),
    "within a tone, a keycap": (f"👍🏽1{VS16}\u20e3", 2, "…"),
    "within a conjunct": ("क्षमा करें", 3, "…"),
    "within CRLF": ("a\r\nb", 3, "a…"),
    "after a joiner between letters": (f"با می{ZWNJ}خواهم", 7, "با م…"),
    "only joined letters": (f"ب{ZWNJ}ب{ZWNJ}ب{ZWNJ}ب", 5, "…"),
    "a first grapheme too large": ("a" + STRIKE * 8 + "b", 5, "…"),
}


@pytest.mark.parametrize(("text", "limit", "cut"), CUT.values(), ids=CUT)
def test_a_text_is_cut_between_graphemes(text: str, limit: int, cut: str) -> None:
    assert clip(text, limit) == cut


@given(any_text | hostile_text | st.sampled_from(BENIGN), st.integers(min_value=-1, max_value=40))
def test_a_cut_is_short_whole_and_clean(text: str, limit: int) -> None:
    text = clean(text)
    cut = clip(text, limit)
    assert len(cut) <= max(limit, 0)
    assert clean(cut) == cut
    if len(text) <= limit:
        assert cut == text
    elif limit > 0:
        kept = cut.removesuffix("…") if cut != text else cut
        graphemes = regex.findall(r"\X", text)
        assert kept in {"".join(graphemes[:count]) for count in range(len(graphemes))}
