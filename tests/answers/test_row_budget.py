import json
import os
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from convirza_mcp.answers.row_budget import ROW_TOKENS, Lengths, row_within
from convirza_mcp.text.clean import clip
from convirza_mcp.text.tokens import estimate_tokens

SENTENCES = {
    "english": "Can you tell me whether my order has been shipped yet and when it will arrive at our place? ",
    "german": "Können Sie mir bitte sagen, ob meine Bestellung schon verschickt worden ist? ",
    "arabic": "هل يمكنكم إخباري إن كان طلبي قد أُرسل بالفعل ومتى سيصل إلينا؟ ",
    "hindi": "क्या आप बता सकते हैं कि मेरा ऑर्डर भेज दिया गया है या नहीं? ",
    "thai": "ช่วยบอกได้ไหมว่าสินค้าที่สั่งไว้ถูกจัดส่งแล้วหรือยัง ",
    "chinese": "请问我的订单已经发货了吗?大概什么时候能够送到我们这里呢?",
    "burmese": "ကျွန်တော့်အော်ဒါ ပို့ပြီးပြီလား သိချင်ပါတယ် ",
    "emoji": "👍🏽👩‍👩‍👧‍👦🎉🥳",
}


def cost(row: list[object]) -> int:
    return estimate_tokens(json.dumps(row, ensure_ascii=False, separators=(",", ":"))) + 1


def row_of(message: str, name: str, lengths: Lengths) -> list[str | int | bool | None]:
    return [
        987654,
        "11-23 08:35",
        clip(name, lengths.name),
        "18015551234",
        2,
        clip(name, lengths.name),
        clip(message, lengths.message),
    ]


@pytest.mark.parametrize("language", SENTENCES)
def test_a_row_fits_in_every_script_and_keeps_a_few_words(language: str) -> None:
    message = SENTENCES[language] * 5

    row = row_within(lambda lengths: row_of(message, "John Doe", lengths), 160)

    assert cost(row) <= ROW_TOKENS
    shown = row[-1]
    assert isinstance(shown, str)
    assert message.startswith(shown.removesuffix("…"))
    assert len(shown) >= 12


def test_what_fits_is_not_cut() -> None:
    row = row_within(lambda lengths: row_of("Can you call me back?", "John Doe", lengths), 160)

    assert row[-1] == "Can you call me back?"


def test_names_are_cut_only_where_a_few_words_do_not_fit_beside_them() -> None:
    name = "Bartholomew Featherstonehaugh-Cholmondeley the Younger of Upper Slaughter, Gloucestershire"

    row = row_within(lambda lengths: row_of("Can you call me back today?", name, lengths), 160)

    assert cost(row) <= ROW_TOKENS
    assert row[2] == clip(name, 24)
    assert row[-1] == "Can you call me back today?"


@given(message=st.text(max_size=400), name=st.text(max_size=80))
def test_whatever_was_written_a_row_stays_near_its_bound(message: str, name: str) -> None:
    row = row_within(lambda lengths: row_of(message, name, lengths), 160)

    assert cost(row) <= 90


@pytest.mark.long
@pytest.mark.skipif("SMS_TEXTS" not in os.environ, reason="SMS_TEXTS names no folder with sms-texts.tsv")
def test_real_messages_fit_the_price_of_a_row() -> None:
    lines = (Path(os.environ["SMS_TEXTS"]) / "sms-texts.tsv").read_text(encoding="utf-8").splitlines()

    costs = [
        cost(row_within(lambda lengths, line=line: row_of(line.partition("\t")[2], "John Doe", lengths), 160))
        for line in lines
    ]

    assert max(costs) <= ROW_TOKENS
