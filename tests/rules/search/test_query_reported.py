"""Amounts, operators and numbers as people and programs write them into a query."""

import pytest

from convirza_mcp.api.models import Conversation
from convirza_mcp.errors import InvalidArgumentError
from convirza_mcp.rules.search.index import SearchedTexts
from convirza_mcp.rules.search.query import TextQuery, found
from convirza_mcp.scan.results import Seen
from field import cases

CASES = [pytest.param(each, id=f"{each['input']}-in-{each['text'][:20]}") for each in cases("search")]


@pytest.mark.parametrize("case", CASES)
def test_a_query_finds_what_it_says_or_is_refused(case: dict[str, str]) -> None:
    row = Conversation(conversation_id=1, message=case["text"], source="13805550112")
    if case["expected"] == "refused":
        with pytest.raises(InvalidArgumentError, match=r"^`query` has no operators\."):
            TextQuery.read(case["input"])
    else:
        hits = found([Seen(row, False)], TextQuery.read(case["input"]), SearchedTexts())
        assert bool(hits) is (case["expected"] == "found")


@pytest.mark.parametrize(
    ("query", "message", "hit"),
    [
        ("3753", "charged twice: $3,753 on the 14th", "3,753"),
        ("$2358.50", "a refund of $2,358.50", "$2,358.50"),
        ("1,943.50", "I paid 1943.50 twice", "1943.50"),
        ("$50", "I paid 50 dollars", "50 dollars"),
    ],
)
def test_an_amount_is_marked_whole(query: str, message: str, hit: str) -> None:
    assert hit in [message[first:after] for first, after in TextQuery.read(query).hits(message)]
    assert hit in TextQuery.read(query).excerpt("word " * 30 + message).cut(60)


@pytest.mark.parametrize(
    ("query", "word"),
    [
        ("yes or no", '"or"'),
        ("yes Or no", '"or"'),
        ("refund and order", '"and"'),
        ("refund not charged", '"not"'),
        ("title:refund", "no fields"),
        ("agent=Emily", "no fields"),
        ("refund OR", None),
        ("refund AND order", None),
        ('"yes or no"', None),
        ('"title:refund"', None),
        ("http://x.test/a=b", None),
        ("10:30", None),
        ("order", None),
    ],
)
def test_a_lower_case_operator_is_a_word_with_a_note(query: str, word: str | None) -> None:
    note = TextQuery.read(query).note

    assert note is None if word is None else note is not None and word in note


def test_an_operator_s_refusal_repeats_nothing_of_the_query() -> None:
    with pytest.raises(InvalidArgumentError) as refused:
        TextQuery.read("8015550101 -secret")

    assert "secret" not in str(refused.value)
    assert "801" not in str(refused.value)
