"""What is kept for the next search, of what, and for how long."""

from datetime import UTC, timedelta

import pytest

from convirza_mcp.api.models import Conversation, View
from convirza_mcp.clock.window import Window
from convirza_mcp.rules.search.index import SearchedTexts, texts_kept
from convirza_mcp.scan.results import Coverage, WholeView
from support.drifting import NOW

WINDOW = Window(start=NOW - timedelta(days=30), end=NOW, zone=UTC)


def view(type_: View, window: Window = WINDOW) -> WholeView:
    return WholeView(type_, (), Coverage(read=0, total=0, requests=1, as_of=NOW), window, holds_oldest=True)


@pytest.mark.parametrize(
    ("message", "folded"),
    [
        ("Mañana a las 5 ÉL", "manana a las 5 el"),
        ("It’s FINE ❤️", "it's fine ❤"),
        ("Línea\u2028dos \x1b[31mrojo", "linea\ndos rojo"),
        ("Thank YOU\nbye", "thank you\nbye"),
        ("re\x1b[31mfund", "refund"),
        ("", ""),
        (None, ""),
    ],
)
def test_a_kept_text_is_as_a_new_one(message: str | None, folded: str) -> None:
    texts = SearchedTexts()
    conversation = Conversation(
        conversation_id=1, message=message, source_name="José", source="Ámazon", phone_number="+1 5"
    )

    for searched in (texts.of(conversation), texts.of(conversation), SearchedTexts(max_bytes=0).of(conversation)):
        assert (searched.message, searched.name, searched.source, searched.line) == (folded, "jose", "", "15")
        assert list(searched.senders) == ["amazon", "+1 5"]


def test_a_text_is_folded_once_while_the_cache_has_space() -> None:
    first, second = (Conversation(conversation_id=each, message="ñ" * 1_000) for each in (1, 2))
    texts = SearchedTexts(max_bytes=1_500)

    assert texts.of(first).message is texts.of(first).message
    assert texts.of(second).message is not texts.of(second).message
    assert texts.of(second).message == "n" * 1_000


def test_another_reading_of_a_conversation_takes_the_place_of_the_first() -> None:
    texts = SearchedTexts(max_bytes=1_500)

    for message in ("ñ" * 1_000, "é" * 1_000, "ñ" * 1_000):
        read = Conversation(conversation_id=1, message=message)
        assert texts.of(read).message == ("n" if "ñ" in message else "e") * 1_000
        assert texts.of(read).message is texts.of(read).message


def test_texts_are_kept_with_the_held_view_of_the_window() -> None:
    other = Window(start=NOW - timedelta(days=31), end=NOW, zone=UTC)
    held = [view("close"), view("allOpen", other), view("allOpen")]

    texts = texts_kept(held, WINDOW)

    assert texts_kept(held[::-1], WINDOW) is texts
    assert [texts in each.derived.values() for each in held] == [False, False, True]
    assert texts_kept(held, other) is not texts
    assert texts_kept([], WINDOW) is not texts_kept([], WINDOW)
