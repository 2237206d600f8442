"""What counts as asking the business to stop texting."""

import os
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from convirza_mcp.rules.messages import ASKED, MAY_HAVE_ASKED, is_reaction, stop_request
from field import cases

CASES = cases("opt_outs")
PHRASINGS = [each["input"] for each in CASES if each["expected"] == "asked"]
NEAR_MISSES = [each["input"] for each in CASES if each["expected"] == "not"]

REAL_OPT_OUTS_IN_HAM = (
    "Please don't text me anymore. I have nothing else to say.",
    "Any chance you might have had with me evaporated as soon as you violated my privacy",
)
"""How the only two flagged messages begin; both ask not to be texted."""

KEYWORDS = [
    *["STOP", "STOPALL", "STOP ALL", "UNSUBSCRIBE", "CANCEL", "END", "QUIT", "REVOKE", "OPTOUT", "OPT OUT", "OPT-OUT"],
    *["REMOVE", "ALTO", "PARAR", "BAJA", "CANCELAR", "DETENER", "ARRET", "ARRÊT"],
]


def test_at_least_95_percent_of_the_phrasings_are_flagged() -> None:
    missed = [each for each in PHRASINGS if stop_request(each) is None]

    assert len(PHRASINGS) >= 150
    assert len(missed) <= 0.05 * len(PHRASINGS), missed


def test_no_near_miss_is_flagged() -> None:
    assert len(NEAR_MISSES) >= 80
    assert [each for each in NEAR_MISSES if stop_request(each)] == []


def test_ordinary_messages_are_not_flagged() -> None:
    folder = os.environ.get("SMS_TEXTS")
    if not folder:
        pytest.skip("SMS_TEXTS names no folder with sms-texts.tsv")
    lines = (Path(folder) / "sms-texts.tsv").read_bytes().decode("utf-8", "replace").split("\n")
    ham = [text for kind, _, text in (line.partition("\t") for line in lines) if kind == "ham"]

    assert len(ham) == 4_739
    assert [each for each in ham if stop_request(each) and not each.startswith(REAL_OPT_OUTS_IN_HAM)] == []


@pytest.mark.parametrize("word", KEYWORDS)
@pytest.mark.parametrize(
    "form",
    [
        *("{}", " {}\n", "{}.", "¡{}!", "“{}”", "*{}* 🛑", "\u200b{}\u202e", "{}\n\nSent from my iPhone"),
        "{}\nGet Outlook for iOS",
    ],
)
def test_a_keyword_is_known_however_it_is_dressed(word: str, form: str) -> None:
    for text in (word, word.lower(), word.title()):
        assert stop_request(form.format(text)) == ASKED


@pytest.mark.parametrize(
    "form", ["{}" + " " * 200, "\n" * 200 + "{}", "{}" + "!" * 300, "." * 1_200 + "{}", "\x1b[1m{}" + " " * 99]
)
def test_what_surrounds_a_keyword_may_be_long(form: str) -> None:
    assert stop_request(form.format("STOP")) == ASKED
    assert stop_request(form.format("STOP by")) is None


@pytest.mark.parametrize("words", ["stop", "stop now", "can you guys", "i told you guys to"])
def test_repeated_words_that_read_in_two_ways_take_no_longer(words: str) -> None:
    """Each repetition would double the time if it did: fifty take longer than any run of the tests."""
    assert stop_request(f"{words} " * 50 + "sto stop x") is None
    assert stop_request(f"{words} " * 50 + "stop") == ASKED


@pytest.mark.parametrize(
    "text", ["Arrêt", "Arre\u0302t", "ＳＴＯＰ", "stóp", "S T O P", "s.t.o.p.", "Cancelar ", "un-subscribe"]
)
def test_accents_width_and_spacing_do_not_matter(text: str) -> None:
    assert stop_request(text) == ASKED


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("Stop. Thank you", ASKED),
        ("please remove me", ASKED),
        ("Please take me off your list", ASKED),
        ("no me escriban más", ASKED),
        ("No thanks. Stop", ASKED),
        ("Who is this? Stop texting me", MAY_HAVE_ASKED),
        ("Cancel, thanks", MAY_HAVE_ASKED),
        ("No más", MAY_HAVE_ASKED),
        ("stop calling me", MAY_HAVE_ASKED),
        ("Stop calling me, text me instead", None),
        ("word " * 300 + "stop texting me", None),
        ("Stop texting me. " + "word " * 300, MAY_HAVE_ASKED),
        ("STOP texting me at [phone]", ASKED),
        ("remove [phone] from your list", ASKED),
    ],
)
def test_a_sentence_counts_as_a_whole_or_may_count(text: str, said: str | None) -> None:
    assert stop_request(text) == said


@pytest.mark.parametrize(
    "text",
    [
        "Acme: your table is ready. Reply STOP to opt out",
        "To unsubscribe, text STOP",
        "Msg&data rates may apply. Reply STOP to cancel, HELP for help.",
        "STOP=end",
        "Para cancelar la suscripción responda ALTO",
    ],
)
def test_the_business_s_own_hint_is_no_request(text: str) -> None:
    """Which side wrote the latest message is undocumented."""
    assert stop_request(text) is None


@pytest.mark.parametrize("text", [None, "", " ", "!!!", "the end", "STOP" + " " * 1_000 + "x", "🛑"])
def test_anything_else_asks_for_nothing(text: str | None) -> None:
    assert stop_request(text) is None


WORDS = ["stop", "no", "more", "texts", "please", "i", "opt", "out", "to", "me", "\n", ".", "'", "-", "“", "liked"]


@given(st.text() | st.lists(st.sampled_from(WORDS)).map(" ".join))
def test_any_text_can_be_judged(text: str) -> None:
    assert stop_request(text) in (ASKED, MAY_HAVE_ASKED, None)


CASES = [
    pytest.param(each["input"], each["expected"] == "reaction", id=each["input"][:40]) for each in cases("reactions")
]


@pytest.mark.parametrize(("text", "expected"), CASES)
def test_a_reaction_is_told_from_a_message(text: str, expected: bool) -> None:
    assert is_reaction(text) is expected


@pytest.mark.parametrize("quoted", ["STOP", "Reply STOP to opt out.", "please stop texting me"])
@pytest.mark.parametrize("form", ["Liked “{}”", 'Loved "{}"', "👍 to “{}”", "Le gustó “{}”", "Laughed at “{}…"])
def test_a_reaction_never_asks_to_stop(form: str, quoted: str) -> None:
    assert is_reaction(form.format(quoted))
    assert stop_request(form.format(quoted)) is None


@given(st.text() | st.text("Liked “”\"'⟨ a\n"))
def test_any_text_can_be_judged_a_reaction(text: str) -> None:
    assert is_reaction(text) in (True, False)
