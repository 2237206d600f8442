import string
import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from convirza_mcp.api.models import Conversation
from convirza_mcp.errors import InvalidArgumentError
from convirza_mcp.rules.search.index import SearchedTexts
from convirza_mcp.rules.search.query import TextQuery, found
from convirza_mcp.scan.results import Seen
from convirza_mcp.text.clean import clean
from convirza_mcp.text.fold import fold, folded_with_places
from convirza_mcp.text.graphemes import grapheme_boundary


def matches(query: str, message: str | None = None, **fields: str | None) -> bool:
    row = Conversation(conversation_id=1, message=message, **fields)  # type: ignore[arg-type]
    return found([Seen(row, False)], TextQuery.read(query), SearchedTexts()) != []


@pytest.mark.parametrize(
    ("query", "message"),
    [
        ("refund", "I was REFUNDED twice"),
        ("refund order", "The order: no refund yet"),
        ("refund?", "a refund."),
        ("cafe", "Meet at the CAFÉ"),
        ("CAFÉ", "meet at the cafe\u0301"),
        ("strasse", "Schöne Straße"),
        ("abc123", "ＡＢＣ１２３"),
        ("don't", "I don’t know"),
        ("office", "the oﬃce"),
        ("refund", "re\x1b[31mfund"),
        ("🎉", "yes 🎉!"),
        ("👍", "👍🏽"),
        ("你好", "说你好吗"),
        ('"call me back"', "please CALL  me\nback, thanks"),
        ('"call me back" thanks', "please CALL me back, thanks"),
        ("“call me”", "call me"),
        ('"call me', "me? call"),
        ('6" pipe', "pipe of 6 inches"),
        ('"你好"', "说你好吗"),
        ("8015551234", "my cell is (801) 555-1234"),
        ("order 12 34", "34 orders, 12 pieces"),
        ("1234 5678 refund", "refund 1234 and 5678"),
    ],
)
def test_what_is_found_in_a_message(query: str, message: str) -> None:
    assert matches(query, message)
    assert TextQuery.read(query).hits(" ".join(clean(message).split()))


@pytest.mark.parametrize(
    ("query", "message"),
    [
        ("refund order", "a refund"),
        ('"call me"', "recall me"),
        ('"call me"', "call mean people"),
        ('"call me"', "call, me"),
        ("resume", "consumer"),
        ("12", None),
        ("x", None),
    ],
)
def test_query_does_not_match(query: str, message: str | None) -> None:
    assert not matches(query, message, source="18015551234", phone_number="12125550000")


@pytest.mark.parametrize(
    ("query", "number"),
    [
        ("+1 (801) 555-1234", "18015551234"),
        ("+1 (801) 555-1234", "8015551234"),
        ("801 555 1234", "+1 (801) 555-1234"),
        ("801-555-1234", "1.801.555.1234"),
        ("555-1234", "18015551234"),
        ("(801)", "18015551234"),
        ('"801 555 1234"', "18015551234"),
        ("0171 1234567", "491711234567"),
        ("0049 171 1234567", "01711234567"),
        ("+44 (0)20 7946 0958", "442079460958"),
        ("٨٠١٥٥٥١٢٣٤", "18015551234"),
        ("amazon", "AMAZON"),
    ],
)
def test_numbers_match_however_written(query: str, number: str) -> None:
    for field in ("source", "phone_number"):
        assert matches(query, "hello", **{field: number})


def test_words_may_stand_in_different_places() -> None:
    assert matches("ana refund 1234", "a refund", source_name="Ana", source="18015551234")
    assert not matches("ana refund 9999", "a refund", source_name="Ana", source="18015551234")


@pytest.mark.parametrize("query", ["", '""', '"', "...", '" "', "\u0301", "\u200b", "+"])
def test_nothing_to_search_for_is_refused(query: str) -> None:
    with pytest.raises(InvalidArgumentError, match=r"^`query` takes words"):
        TextQuery.read(query)


LETTERS = string.ascii_letters + "  "
ASCII = st.text(LETTERS, max_size=30)


@given(st.text(LETTERS, min_size=1, max_size=5).filter(str.strip), ASCII, ASCII)
def test_words_of_letters_are_found_as_by_hand(query: str, message: str, name: str) -> None:
    fields = (message.lower(), name.lower())
    expected = all(any(word in field for field in fields) for word in query.lower().split())

    assert matches(query, message, source_name=name) == expected


TEXTS = st.text(st.characters() | st.sampled_from("aéE\u0301ßﬃ 가각👩\u200d🚀\ufe0f❤şक्ष\u0345ǰ’"), max_size=60).map(
    clean
)


@given(TEXTS)
def test_folding_keeps_the_places_and_is_what_it_says(text: str) -> None:
    folded, places = folded_with_places(text)

    assert folded == fold(text)
    assert len(places) == len(folded)
    assert places == sorted(places)
    assert not any(unicodedata.combining(character) for character in folded)
    assert fold(text.swapcase() if text.isascii() else text) == folded


@given(TEXTS, st.sampled_from(["refund", "RÉFUND", "退款", "👩🏽‍🚀"]), TEXTS, st.integers(0, 4), st.integers(0, 4))
def test_the_snippet_holds_the_hit_and_is_clean_and_bounded(
    before: str, word: str, after: str, times_before: int, times_after: int
) -> None:
    message = f"{before} " * times_before + word + f" {after}" * times_after
    shown = " ".join(clean(message).split())
    query = TextQuery.read(word)

    cut = query.excerpt(message).cut(60)

    assert cut is not None
    assert len(cut) <= 60
    assert clean(cut) == cut
    assert "\n" not in cut
    if query.hits(shown):
        first, last = query.hits(shown)[0]
        assert first == grapheme_boundary(shown, first)
        assert last == grapheme_boundary(shown, last)
        if last - first <= 20:
            assert query.hits(cut)
            assert shown[first:last] in cut
    if len(shown) <= 60:
        assert cut == shown
    else:
        assert cut.startswith("…") or cut.endswith("…")


def test_a_snippet_begins_at_a_word_and_without_a_hit_at_the_start() -> None:
    text = "word " * 50 + "a refund now " + "tail " * 50

    assert TextQuery.read("refund").excerpt(text).cut(40) == "…word a refund now tail tail tail tail …"
    assert TextQuery.read("elsewhere").excerpt(text).cut(20) == "word word word word…"


@pytest.mark.parametrize("word", ["NEEDLE", '"the needle"', "801-555-1234 needle"])
def test_an_excerpt_shows_the_first_hit(word: str) -> None:
    message = "x" * 150 + " the needle 801 555 1234 " + "y" * 150 + " the needle"

    cut = TextQuery.read(word).excerpt(message).cut(60)

    assert cut is not None
    assert "the needle 801 555 1234" in cut
    assert cut.endswith("y…")


def test_in_an_endless_message_only_the_beginning_is_looked_at() -> None:
    query = TextQuery.read("needle")

    assert query.excerpt("x " * 4_500 + "needle" + " y" * 2_000_000).cut(20) == "…x needle y y y y y…"
    assert query.excerpt("x " * 10_000 + "needle").cut(20) == "x x x x x x x x x x…"
    assert query.excerpt("x " * 4_997 + "needle" + " y" * 2_000_000).cut(20) == "…x x x x x needle…"


def test_a_hit_in_an_endless_grapheme_is_shown_in_part() -> None:
    """Walking back over each of its characters again would take minutes."""
    assert TextQuery.read("👩").excerpt("word " * 40 + "👩" + "\u200d👩" * 4_500).cut(40) == "……"


NUMBERS = st.text("0123456789 -.,()+$€'", max_size=8) | st.sampled_from(
    ["18015550112", "801 555 0112", "(801) 555-01 12", "+44 (0)20 7946 0018", "3,753.50", "1 00 000", "٣٧٥", "12 34"]
)


@given(
    st.lists(NUMBERS, min_size=1, max_size=3).map(" ".join),
    st.lists(NUMBERS | st.sampled_from(["refund", "é", "\n"]), max_size=6).map("".join),
    st.sampled_from([None, "18015550112", "+44 20 7946 0018", "Bank 24"]),
)
def test_a_search_of_many_finds_each_that_has_the_terms(query: str, message: str, source: str | None) -> None:
    try:
        read = TextQuery.read(query)
    except InvalidArgumentError:
        return
    row = Seen(Conversation(conversation_id=1, message=message, source=source), False)
    company = [Seen(Conversation(conversation_id=each, message="375 hello", source="0"), False) for each in (2, 3)]
    [(_, texts)] = SearchedTexts().of([row]).rows([0])

    hits = found([company[0], row, company[1]], read, SearchedTexts())

    assert (row in hits) is all(term.is_in(texts) for term in read.terms)
