"""The estimate against exact o200k counts, pinned here because the test environment has no tokenizer."""

import json
import os
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from convirza_mcp.text.tokens import estimate_tokens

# Text and its exact count, from `benchmarks/o200k.py --count`.
COUNTED = [
    ("Can you call me back?", 6),
    ("Hi, is the 4pm slot on Thursday still free? My son needs a check-up before school starts.", 23),
    ("The invoice I got says $148.50, but the quote was for $120. Can somebody look into it, please?", 26),
    ("I've been on hold for twenty minutes and nobody picks up. Please phone me on 801-555-0142 after 5:30.", 29),
    ("omg thx so much!!! ur the best, c u tmrw @ 9 lol", 20),
    ("PLEASE STOP SENDING ME THESE MESSAGES. I HAVE ASKED TWICE ALREADY.", 18),
    ("k", 1),
    ("ok", 1),
    ("Thanks!", 2),
    ('[987654,"11-23 08:35","John Doe","18015551234",2,null,"Can you call me back?"]', 30),
    ('[4410032,"11-22 17:04","Ruth O\'Neill","14355550188",1,"Sam","We\'re outside. Which code?"],', 35),
    ('[72001,"2026-01-03 09:59",null,"16025550119",0,null,null],', 26),
    (
        '{"conversation_id":987654,"phone_number":"18015557654","first_response_time":"00:03:21","avg_response_time":null,"sms_type":"incoming","conversation_started":"2026-03-05T10:30:00.000Z","pin":true,"unread_count":2,"closed_at":null}',
        70,
    ),
    (
        '{"type":"allOpen","window":"2026-11-16 09:12 to 2026-11-23 09:12 America/Denver","total":42,"next_offset":7}',
        43,
    ),
    ("https://www.example.com/appointments/confirm?id=83921&utm_source=sms&utm_campaign=spring", 21),
    ("Track it here: https://example.org/t/9fK2xQ7bLm", 19),
    ("18015551234 18015559876 14355550188 16025550119", 19),
    ("00000000000000000000000000000000000000000000", 15),
    ("aGVsbG8gd29ybGQsIHRoaXMgaXMgYSB0ZXN0IG9mIGJhc2U2NCB0ZXh0IGxlbmd0aA==", 46),
    ("f47ac10b-58cc-4372-a567-0e02b2c3d479 9b2e7c1d-03fa-4d6e-8b11-77aa5c90e2f4", 54),
    ("xqzjv wkfpd mzrtgh qpwoe bvcxn lkjhgf dsaqw zmxncb", 28),
    ("Hola, ¿podría cambiar mi cita del martes al jueves por la mañana? Gracias de antemano.", 22),
    ("Bonjour, je voudrais annuler mon rendez-vous de demain, est-ce que c'est possible sans frais ?", 21),
    ("Guten Tag, die Heizung im Erdgeschoss fällt seit gestern immer wieder aus. Können Sie jemanden schicken?", 22),
    ("Olá, ainda não recebi a confirmação da reserva. Podem verificar, por favor?", 18),
    ("Buongiorno, vorrei sapere se avete ancora posti liberi per sabato sera.", 19),
    ("Dzień dobry, czy mogę przełożyć wizytę na przyszły tydzień? Dziękuję za odpowiedź.", 30),
    ("Dobrý den, prosím o zaslání faktury na můj e-mail, ještě nic nepřišlo.", 25),
    ("Merhaba, yarınki randevumu öğleden sonraya alabilir miyiz? Teşekkür ederim.", 25),
    ("Xin chào, tôi muốn đổi lịch hẹn sang thứ sáu tuần sau được không?", 19),
    ("Hei, onko teillä vielä vapaita aikoja ensi viikolla? Lapsella on hammassärky.", 26),
    ("Jó napot, szeretném lemondani a holnapi időpontomat, mert beteg vagyok.", 23),
    ("Здравствуйте, можно перенести запись на пятницу? Я заболел и не смогу прийти завтра.", 21),
    ("Добрий день, чи працюєте ви у неділю? Хочу забрати своє замовлення.", 24),
    ("Καλημέρα σας, θα ήθελα να αλλάξω το ραντεβού μου για την Παρασκευή, αν γίνεται.", 29),
    ("שלום, אפשר לקבוע תור ליום חמישי אחר הצהריים? תודה רבה מראש.", 20),
    ("مرحبا، هل يمكنني تغيير موعدي إلى يوم الخميس القادم؟ شكرا جزيلا لكم.", 21),
    ("سلام، لطفا با من تماس بگیرید، هنوز منتظر جواب شما هستم.", 19),
    ("नमस्ते, क्या मैं अपनी अपॉइंटमेंट शुक्रवार को बदल सकता हूँ? कृपया मुझे फोन करें।", 26),
    ("নমস্কার, আমি কি আগামীকাল সকালে আসতে পারি? ধন্যবাদ।", 19),
    ("வணக்கம், நாளை மாலை உங்கள் கடை திறந்திருக்குமா?", 17),
    ("สวัสดีค่ะ ขอเลื่อนนัดเป็นวันศุกร์หน้าได้ไหมคะ ขอบคุณมากค่ะ", 25),
    ("您好，我想把明天的预约改到星期五下午，可以吗？孩子发烧了，今天不能过去。", 25),
    ("請問你們週六有營業嗎？我想帶我媽媽去看牙醫。", 21),
    ("明日の予約を金曜日の午後に変更できますか？子供が熱を出してしまいました。", 23),
    ("안녕하세요, 내일 예약을 금요일 오후로 바꿀 수 있을까요? 아이가 열이 나서요.", 26),
    ("გამარჯობა, შეგიძლიათ დამირეკოთ საღამოს?", 12),
    ("Բարև ձեզ, կարո՞ղ եմ գալ վաղը առավոտյան։", 18),
    ("Great service today 👍🙏 see you next month 😊", 10),
    ("😂😂😂 no way!! 🎉🎂", 10),
    ("👨‍👩‍👧‍👦 👩🏽‍💻 🏳️‍🌈 🧑🏿‍🚒 ❤️‍🔥 👍🏼", 38),
    ("🇺🇸🇲🇽🇨🇦🇩🇪🇫🇷🇯🇵🇧🇷🇮🇳", 32),
    ("🦖🪐🛶🧮🥁🪕🦜🧿🛸🪁🦔🥨", 34),
    ("“Don’t worry” – we’ll be there at 9… maybe 9:30", 19),
    ("𝐅𝐑𝐄𝐄 𝐆𝐈𝐅𝐓 𝐂𝐀𝐑𝐃", 26),
    ("龘靐齉爩鱻麤龗灪籲驫鸞癵纞虋讟钃", 33),
    ("뷁쀍쯁퉳홅꽯뜱쒫쨻퀡튫햛", 30),
    ("line one\nline two\n\nline four", 8),
    ("a                                        b", 3),
    ("--------------------------------------------------------------------------------", 1),
    ("Hellooooooooooooooo??????", 6),
    ("(((((()))))) {}[]<> && || ++ -- == != ~~ ^^", 15),
]
# The same for every fifty of the shared texts, each a JSON string on a line of its own.
# fmt: off
COUNTED_FIFTIES = [
    1327, 1127, 1193, 1214, 1043, 1069, 1102, 1291, 1172, 1081, 1194, 1177, 1085, 1045, 1230, 1156, 1435, 1273, 1193,
    1103, 1106, 1346, 1080, 984, 1116, 1013, 1045, 1388, 1120, 1294, 1136, 1450, 1185, 1114, 1147, 1174, 1039, 1296,
    1069, 1055, 1051, 1237, 1257, 1249, 1190, 1029, 1029, 1377, 1416, 1056, 1092, 1056, 1050, 1222, 1084, 1021, 1287,
    1157, 1170, 1185, 1146, 1028, 1164, 1120, 1148, 1184, 1163, 859, 1222, 1233, 1202, 1183, 1090, 972, 1045, 1291,
    1130, 1108, 981, 1123, 1039, 1300, 1287, 1116, 1081, 1220, 1123, 1232, 1013, 1279, 1201, 1434, 951, 985, 1029,
    1173, 1071, 1206, 1313, 1155, 1184, 1199, 1431, 966, 1148, 1208, 1016, 1086, 907
]
# fmt: on
# A short text may be some tokens off; over a whole result that evens out.
SLACK = 6
# What joining may change at most: a pair of letters, and runs that only together are long enough to count as noise.
SEAM = 24

ANY_TEXT = st.text(st.characters(exclude_categories=()))
MIXED = st.text(st.sampled_from("aeXZ bq.,\"[]{}0123\n -'=éžяшשمनก我龘가뷁カ😂🦖\u200d’\ud800"))


@pytest.mark.parametrize("text, exact", COUNTED, ids=[text[:20] for text, _ in COUNTED])
def test_a_short_text_is_near_its_exact_count(text: str, exact: int):
    assert 0.95 * exact - SLACK <= estimate_tokens(text) <= 1.25 * exact + 2 * SLACK


def test_all_scripts_in_one_result_stay_within_the_bounds():
    exact = sum(count for _, count in COUNTED)
    assert 0.95 * exact <= estimate_tokens("\n".join(text for text, _ in COUNTED)) <= 1.25 * exact


def test_an_empty_text_costs_no_tokens():
    assert estimate_tokens("") == 0


@pytest.mark.parametrize("text", [" ", "\n", "\x00", "\x80", "\ud800", "\udfff\ud800", "\U0010ffff", "a"])
def test_any_character_costs_something(text: str):
    assert estimate_tokens(text) >= 1


@given(ANY_TEXT)
def test_any_string_has_an_estimate(text: str):
    assert bool(text) <= estimate_tokens(text) <= 4 * len(text) + 1


@given(st.one_of(ANY_TEXT, MIXED), st.one_of(ANY_TEXT, MIXED))
def test_a_whole_costs_hardly_more_than_its_parts(first: str, second: str):
    assert estimate_tokens(first + second) <= estimate_tokens(first) + estimate_tokens(second) + SEAM


@given(MIXED, st.integers(20, 40))
def test_repeating_a_text_repeats_its_cost(text: str, times: int):
    line = f"{text}\n"
    assert estimate_tokens(line * times) <= times * (estimate_tokens(line) + 1)


def test_estimate_grows_with_each_row():
    row = '[987654,"11-23 08:35","John Doe","18015551234",2,null,"Can you call me back?"],\n'
    costs = [estimate_tokens(row * rows) for rows in range(20)]
    assert costs == sorted(set(costs))


@pytest.mark.parametrize(
    "noise, fewest",
    [
        ("".join(chr(0x4E00 + 7919 * i % 20900) for i in range(300)), 500),
        ("".join(chr(0xAC00 + 7919 * i % 11172) for i in range(300)), 600),
        ("".join(chr(0x1F900 + 37 * i % 256) for i in range(200)), 400),
        ("".join("qxzjvkwpfg"[i * i % 10] for i in range(300)), 120),
    ],
    ids=["han", "hangul", "emoji", "letters"],
)
def test_noise_is_estimated_high(noise: str, fewest: int):
    assert estimate_tokens(noise) >= fewest


def test_results_of_real_texts_stay_within_the_bounds():
    if not os.environ.get("SMS_TEXTS"):
        pytest.skip("SMS_TEXTS names no folder with sms-texts.tsv")
    lines = (Path(os.environ["SMS_TEXTS"]) / "sms-texts.tsv").read_text(encoding="utf-8").split("\n")
    texts = [json.dumps(line.split("\t", 1)[1], ensure_ascii=False) for line in lines if "\t" in line]
    for number, exact in enumerate(COUNTED_FIFTIES):
        result = "\n".join(texts[50 * number : 50 * (number + 1)])
        assert 0.95 * exact <= estimate_tokens(result) <= 1.25 * exact
