"""What masking takes out of messages, what it leaves, and how it bears texts made to slow it down."""

import os
import random
import re
from itertools import product
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from convirza_mcp.privacy.masking import mask_text
from convirza_mcp.text.clean import clean
from field import cases
from support.number_texts import WRITTEN, benign, numbers

AROUND = (
    "Call me at {} please",
    "{}",
    "my cell is {}.",
    "Hi, this is Ann ({}), is the 4:15 slot on 10/28 still open?",
    "reach us: {}, or stop by 84101-1234",
    "tel:{}",
    "Meet at 10:30 or ring {} before 5 pm",
    "{} 5pm works",
    "Números: {} – gracias 👍🏽",
    "new number {}\n\nthanks",
)


def digits_in(text: str) -> str:
    """The decimal digits of any script, marks and separators left out."""
    return "".join(str(int(each)) for each in text if each.isdecimal())


@pytest.mark.parametrize("form", WRITTEN)
def test_none_of_500_numbers_survives(form: str) -> None:
    survived = []
    for place, number in enumerate(numbers(random.Random(form), 500)):
        text = clean(AROUND[place % len(AROUND)].format(WRITTEN[form](number[:3], number[3:6], number[6:])))
        shown = mask_text(text)
        if number[-7:] in digits_in(shown) or "[phone]" not in shown:
            survived.append((text, shown))

    assert survived == []


@pytest.mark.parametrize("form", WRITTEN)
def test_only_the_number_goes(form: str) -> None:
    number = WRITTEN[form]("415", "555", "0142")

    for around in AROUND:
        assert mask_text(clean(around.format(number))) == clean(around.format("[phone]"))


def test_numbers_that_are_no_phone_numbers_stay() -> None:
    asked: dict[str, int] = {}
    changed: dict[str, list[str]] = {}
    texts = benign(random.Random(7))
    for _ in range(6_000):
        kind, text = next(texts)
        asked[kind] = asked.get(kind, 0) + 1
        if mask_text(text) != text:
            changed.setdefault(kind, []).append(text)

    assert {kind: len(texts) / asked[kind] for kind, texts in changed.items() if len(texts) > asked[kind] / 50} == {}


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("mail zyxwv.qanary+sms@example.co.uk, ok?", "mail [e-mail], ok?"),
        ("zyxwv@example.com.", "[e-mail]."),
        ("ＺＹＸ＠ｅｘａｍｐｌｅ．ｃｏｍ", "[e-mail]"),
        ("jürgen@müller.example", "[e-mail]"),
        ("john@ gmail.com, john @gmail.com, john@gmail\u3002com", "[e-mail], [e-mail], [e-mail]"),
        ("4111-1111\n1111 1111", "[card]"),
        ("meet me @ 5.30pm, table @corner", "meet me @ 5.30pm, table @corner"),
        ("4111 1111 1111 1111 12/27 123", "[card] 12/27 123"),
        ("4111-1111-1111-1111", "[card]"),
        ("card 4111111111111111!", "card [card]!"),
        ("amex 3782 822463 10005", "amex [card]"),
        ("４１１１ １１１１ １１１１ １１１１", "[card]"),
        ("4 1 1 1 1 1 1 1 1 1 1 1 1 1 1 1", "[card]"),
        ("4111 1111 1111 1112", "4111 1111 1111 1112"),
        ("+44 7700 900123 or 07700 900123", "[phone] or [phone]"),
        ("+44 (0)20 7946 0958", "[phone]"),
        ("01 42 34 56 78", "[phone]"),
        ("(02) 9374 4000", "[phone]"),
        ("0011 44 20 7946 0958", "[phone]"),
        ("call 5550142 now", "call [phone] now"),
        ("my number is 5550142", "my number is [phone]"),
        ("555-0142", "[phone]"),
        ("https://wa.me/14155550142?text=hi", "https://wa.me/[phone]?text=hi"),
        ("4155550142 4155550143,4155550144", "[phone] [phone],[phone]"),
        ("order 4155550142", "order 4155550142"),
        ("phone #4155550142", "phone #[phone]"),
        ("please call customer 8015551234", "please call customer [phone]"),
        ("account 801 555 1234 is my cell", "account [phone] is my cell"),
        ("member #8015551234", "member #[phone]"),
        ("my id is 8015551234", "my id is [phone]"),
        ("case: 801 555 1234, ask for Ann", "case: [phone], ask for Ann"),
        ("ticket 41-5555-0142", "ticket [phone]"),
        ("To claim number 09066364311", "To claim number [phone]"),
        ("please call customer 5550142", "please call customer [phone]"),
        ("text Maria at 5550142", "text Maria at [phone]"),
        ("call customer 555-0142", "call customer [phone]"),
        ("order 8015551234 is my cell", "order [phone] is my cell"),
        ("order 8015551234 is my order number", "order 8015551234 is my order number"),
        ("call order 8015551234", "call order [phone]"),
        ("call about order 8015551234", "call about order 8015551234"),
        ("call me re invoice 5550142", "call me re invoice 5550142"),
        ("customer 8015551234, order 4155550142", "customer [phone], order 4155550142"),
        ("Invoice no. 8015551234 is wrong", "Invoice no. 8015551234 is wrong"),
        ("#8015551234 never came", "#8015551234 never came"),
        ("account 1234567 owes $8015551234 or $1,943.50", "account 1234567 owes $8015551234 or $1,943.50"),
        ("1 2 3 4 5 6 7 8 9 10 11 12", "1 2 3 4 5 6 7 8 9 10 11 12"),
        ("option 1\ufe0f\u20e3 or 2\ufe0f\u20e3", "option 1\ufe0f\u20e3 or 2\ufe0f\u20e3"),
        ("550e8400-e29b-41d4-a716-446655440000", "550e8400-e29b-41d4-a716-446655440000"),
        ("192.168.100.200", "192.168.100.200"),
        ("", ""),
    ],
)
def test_each_form_of_a_number_is_masked(text: str, shown: str) -> None:
    assert mask_text(text) == shown


@pytest.mark.parametrize("written", ["order 4155550142", "#415 555 0142", "acct 41 55 55 01 42", "ref 4-1555-50142"])
def test_the_contact_s_own_number_goes_wherever_it_stands(written: str) -> None:
    shown = mask_text(written, own_number="4155550142")

    assert digits_in(shown) == ""
    assert shown.endswith("[phone]")


@pytest.mark.parametrize(
    "between",
    [
        *",|:;~'+\u2026=&/",
        " . . . ",
        "-----",
        "\n",
        "\n\n\n\n",
        "\U0001f600",
        "\t\t\t",
        "\u3002",
        "\u2014" * 5,
        "." * 10,
    ],
)
def test_the_contact_s_own_number_goes_whatever_stands_between_its_groups(between: str) -> None:
    shown = mask_text(clean(f"my {between.join(('801', '555', '1234'))} ok"), own_number="8015551234")

    assert shown == "my [phone] ok"


@pytest.mark.parametrize("written", ["my 5551234", "5,5,5,1,2,3,4", "{801}5551234", "[801] 555-1234", "x 8015551234 x"])
def test_the_contact_s_own_last_seven_digits_go(written: str) -> None:
    assert digits_in(mask_text(written, own_number="8015551234")) == ""
    assert digits_in(mask_text(written, own_number="448015551234")) == ""


@pytest.mark.parametrize("written", ["555 for 1234", "555 1235", "555" + "." * 11 + "1234"])
def test_other_digits_than_its_own_stay(written: str) -> None:
    assert mask_text(written, own_number="8015551234") == written


@pytest.mark.parametrize(
    ("place", "end"),
    [(3_980, "801;555;1234"), (3_995, "801;555;1234"), (3_995, "zyxwv@example.com"), (3_999, "+14155550142")],
)
def test_a_long_text_is_cut_and_nothing_at_the_cut_shows(place: int, end: str) -> None:
    shown = mask_text("a " * (place // 2) + " " * (place % 2) + end + " b" * 5_000, own_number="8015551234")

    assert len(shown) <= 4_010
    assert shown.endswith("\N{HORIZONTAL ELLIPSIS}")
    assert digits_in(shown) == ""
    assert "zyx" not in shown


@given(st.text(), st.sampled_from(["+14155550142", "(415) 555-0142", "zyxwv@example.com"]), st.text())
def test_what_stands_around_does_not_matter(before: str, number: str, after: str) -> None:
    # A control sequence before the number may take its plus sign.
    text = f"{clean(before)} {number} {clean(after)}"
    # Where the text around it has digits of its own, they may be taken for a part of the number.
    if digits_in(before) or digits_in(after) or "@" in before + after or any(map(str.isdigit, before + after)):
        return

    assert not any(part in mask_text(text) for part in ("5550142", "555-0142", "zyxwv"))


@given(st.text(alphabet=st.sampled_from("0123456789+-.()@ a#\u0660\uff11\u20e3")))
def test_masking_again_changes_nothing(text: str) -> None:
    once = mask_text(clean(text), "4155550142")

    assert mask_text(once, "4155550142") == once


HOSTILE = (
    *("1 ", "1", "1-", "a@", "@", "+1", "+", "(", "4111 ", "(4", "order ", "call ", "call me ", "0", "00 1"),
    *("x.", "١ "),
)


@pytest.mark.parametrize("piece", HOSTILE)
def test_hostile_text_is_masked_in_time_for_the_next_one(piece: str) -> None:
    # In quadratic time many of these would take a minute.
    once = mask_text(piece * 20_000, "4155550142")

    assert mask_text(once, "4155550142") == once


@pytest.mark.skipif("SMS_TEXTS" not in os.environ, reason="SMS_TEXTS names no folder with sms-texts.tsv")
def test_real_texts_lose_numbers_and_addresses_alone() -> None:
    file = Path(os.environ["SMS_TEXTS"], "sms-texts.tsv")
    texts = [clean(line.partition("\t")[2]) for line in file.read_text(encoding="utf-8").splitlines()]
    left = re.compile(
        r"\+[0-9]{7}|(?<![0-9])(?:0[1-9][0-9]{8,9}|[2-9][0-9]{2}[-. ][2-9][0-9]{2}[-. ][0-9]{4})(?![0-9])"
    )

    shown = [mask_text(text) for text in texts]

    assert [found[0] for text in shown for found in [left.search(text)] if found] == []
    for before, after in zip(texts, shown, strict=True):
        if not any(map(str.isdigit, before)) and "@" not in before:
            assert after == before


def test_a_number_stays_behind_each_document_however_it_is_named() -> None:
    documents = ("order", "INVOICES", "p.o.", "PO", "ref", "confirmación", "transaccion", "txn", "facturas")
    names, verbs, gaps = (
        ("", " number", "_no", "id", " Número"),
        ("", "is ", "era "),
        (" ", ": ", " #", "-", " (", ': "'),
    )
    texts = [f"Your {''.join(each)}3855550123" for each in product(documents, names, gaps, verbs)]
    texts += [f"{sign}3855550123" for sign in ("#", "$", "€ ", "usd ", "GBP ", "1Z999AA")]

    assert [text for text in texts if mask_text(text) != text] == []


@pytest.mark.parametrize("case", cases("masked"), ids=lambda case: ascii(case["input"]))
def test_a_number_goes_unless_its_word_is_a_paper_s(case: dict[str, str]) -> None:
    assert mask_text(clean(case["input"])) == case["expected"]
