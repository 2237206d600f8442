"""When two telephone numbers are the same: one rule, and an equivalence, for lines, contacts, searches and aliases."""

import string

import pytest
from hypothesis import given
from hypothesis import strategies as st

from convirza_mcp.text.phone import is_number_or_part, number_key, searchable_number, typed_number

SCRIPTS = ["0123456789", "０１２３４５６７８９", "٠١٢٣٤٥٦٧٨٩", "०१२३४५६७८९"]
SIGNS = st.sampled_from(["", "", "", " ", "-", ".", "/", "(", ")", "\u2011", "\u00a0", "\u200b"])
TEN_DIGITS = st.from_regex(r"[2-9][0-9]{9}", fullmatch=True)
CODES = ["7", "20", "33", "44", "49", "52", "61", "81", "91", "353", "380", "971"]
ABROAD = st.from_regex(r"[1-9][0-9]{8,9}", fullmatch=True)
ANY_NUMBER = st.text("0123456789", min_size=1, max_size=18)

SAME = {
    "a line of North America": [
        "8015550101",
        "(801) 555-0101",
        "+1 801 555 0101",
        "18015550101",
        "1.801.555.0101",
        "001 801 555 0101",
        "011 1 801 555 0101",
        "８０１５５５０１０１",
        "١ ٨٠١ ٥٥٥ ٠١٠١",
        "tel:+18015550101",
        "whatsapp:8015550101",
        "801\u200b5550101",
        "\x1b[31m801\x1b[1;32m5550101\x1b[0m",
    ],
    "another area code": ["3855550101", "+1 (385) 555-0101"],
    "another last digit": ["8015550102"],
    "the same digits behind another country code": ["+44 801 555 0101", "448015550101", "0801 555 0101"],
    "London": ["+44 20 7946 0958", "442079460958", "+44 (0)20 7946 0958", "0044 20 7946 0958", "020 7946 0958"],
    "Maine": ["207 946 0958", "12079460958"],
    "Paris": ["+33 1 42 34 56 78", "33142345678", "01 42 34 56 78", "011 33 142345678"],
    "Rome, whose zero is dialed from abroad": ["+39 06 1234 5678", "06 1234 5678"],
    "Kyiv": ["+380 44 555 0112", "380445550112", "00380445550112", "044 555 0112"],
    "a short code": ["87121", "87-121"],
    "one digit more": ["871210"],
    "a zero before it": ["087121"],
    "seven digits, of whatever area": ["555-0101", "5550101"],
    "a name": ["BANK", " bank ", "Bánk"],
    "a name with a digit": ["Line 2", "line\u00a02"],
    "that digit": ["2"],
    "nothing": ["", "  ", "\u200b", "\x1b[31m"],
}


@pytest.mark.parametrize("writings", SAME.values(), ids=SAME)
def test_writings_of_one_number_are_one(writings: list[str]) -> None:
    assert len({number_key(each) for each in writings}) == 1


def test_different_numbers_are_not_equal() -> None:
    assert len({number_key(writings[0]) for writings in SAME.values()}) == len(SAME)
    assert number_key(None) == ""


@given(TEN_DIGITS, st.sampled_from(["", "1", "+1", "001", "0111"]), st.sampled_from(SCRIPTS), st.data())
def test_signs_scripts_and_the_country_code_make_no_difference(
    digits: str, prefix: str, script: str, data: st.DataObject
) -> None:
    written = "".join(data.draw(SIGNS) + each for each in prefix + digits).translate(
        str.maketrans(string.digits, script)
    )
    assert number_key(written) == number_key(digits)


@given(ABROAD, st.sampled_from(CODES), st.data())
def test_abroad_the_zero_stands_for_the_country_code(national: str, code: str, data: st.DataObject) -> None:
    writings = [f"+{code}{national}", f"00{code}{national}", f"+{code}(0){national}", f"0{national}"]
    if len(code + national) < 11:
        return  # As long as a number of North America: told from one by nothing.
    assert len({number_key(data.draw(SIGNS).join(each)) for each in writings}) == 1
    assert number_key(writings[0]) != number_key(national)


@given(TEN_DIGITS, TEN_DIGITS)
def test_other_digits_are_another_number(one: str, other: str) -> None:
    assert (number_key(f"1{one}") == number_key(other)) == (one == other)


@given(st.text("0123456789", min_size=1, max_size=6), ANY_NUMBER)
def test_a_short_code_equals_only_itself(code: str, other: str) -> None:
    assert (number_key(code) == number_key(other)) == (code == other)


@given(ANY_NUMBER)
def test_a_key_is_a_writing_of_its_number(number: str) -> None:
    """So a key can be compared, shown to a search, and keyed again."""
    assert number_key(number_key(number)) == number_key(number)


@given(ANY_NUMBER, ANY_NUMBER)
def test_a_search_for_a_number_finds_all_that_equal_it(wanted: str, number: str) -> None:
    if number_key(wanted) == number_key(number):
        assert is_number_or_part(wanted, number)
    assert is_number_or_part(number[1:4], number) == bool(number[1:4])


@given(TEN_DIGITS, st.sampled_from(["", "1", "+1"]), st.sampled_from(["", "1", "+1"]))
def test_what_convirza_is_asked_for_is_part_of_the_other_writing(digits: str, one: str, other: str) -> None:
    assert searchable_number(one + digits) in other + digits


@pytest.mark.parametrize("text", ["87121", "Amazon", "(801) 555-0101", "contact-qzjvkmwbtx", ""])
def test_what_is_no_run_of_digits_is_searched_for_as_it_is(text: str) -> None:
    assert searchable_number(text) == text


@pytest.mark.parametrize(
    ("typed", "sent"),
    [
        ("(801) 555-0101", "8015550101"),
        ("+1 801.555.0101", "8015550101"),
        ("801\u2011555\u20130101", "8015550101"),
        ("801·555·0101", "8015550101"),
        ("-555-0101", "5550101"),
        (".0101", "0101"),
        (" “555 0101” ", "5550101"),
        ("٨٠١ ٥٥٥ ٠١٠١", "8015550101"),
        ("+44 (0)20 7946 0958", "2079460958"),
        ("Ann 555", "Ann 555"),
        ("1,200", "1,200"),
        ("(-)", "(-)"),
        ("contact-abcdefghij", "contact-abcdefghij"),
    ],
)
def test_a_search_of_digits_and_phone_punctuation_goes_out_as_digits(typed: str, sent: str) -> None:
    assert typed_number(typed) == sent


@given(digits=st.text("0123456789", min_size=1, max_size=6), signs=st.lists(SIGNS, min_size=7, max_size=7))
def test_a_part_of_a_number_goes_out_as_its_digits(digits: str, signs: list[str]) -> None:
    written = "".join(sign + digit for sign, digit in zip(signs, digits, strict=False)) + signs[-1]

    assert typed_number(written) == digits
