"""Reading JSON with comments, and knowing where everything in it stands."""

import json
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from convirza_mcp.setup.clients.jsonc import Document
from support.jsonc_texts import VALUES, jsonc


@pytest.mark.parametrize("examples", [60, pytest.param(3_000, marks=pytest.mark.long)])
def test_any_document_is_read_as_what_it_says(examples: int) -> None:
    @settings(max_examples=examples)
    @given(VALUES.flatmap(lambda value: st.tuples(st.just(value), jsonc(value))))
    def each(case: tuple[Any, str]) -> None:
        assert Document(case[1], comments=True).value == case[0]

    each()


@settings(max_examples=50)
@given(st.dictionaries(st.text(max_size=5), VALUES, max_size=4).flatmap(jsonc))
def test_every_member_stands_where_it_is_said_to(text: str) -> None:
    document = Document(text, comments=True)

    for key, item in document.container([]).items.items():
        assert json.JSONDecoder().raw_decode(text, item.start)[0] == key
        assert Document(text[item.value : item.end], comments=True).value == document.value[key]


@pytest.mark.parametrize(
    ("text", "place"),
    [
        ('{"a": 1', (1, 8)),
        ('{\n  "a": 1\n  "b": 2\n}', (3, 3)),
        ('{"a": 1}}', (1, 9)),
        ('{"a": 1} /* open', (1, 10)),
        ('{"a": "open}', (1, 7)),
        ('{"a": 1,,}', (1, 10)),
        ('{"a" 1}', (1, 6)),
        ("{'a': 1}", (1, 2)),
        ('{"a": "tab\there"}', (1, 11)),
        ("/", (1, 1)),
    ],
)
def test_what_is_broken_is_refused_with_its_place(text: str, place: tuple[int, int]) -> None:
    with pytest.raises(json.JSONDecodeError) as caught:
        Document(text, comments=True)

    assert (caught.value.lineno, caught.value.colno) == place


@pytest.mark.parametrize("text", ['{"a": 1,}', '{"a": 1 // note\n}', "/* note */ {}"])
def test_comments_and_commas_go_to_clients_that_read_them(text: str) -> None:
    assert isinstance(Document(text, comments=True).value, dict)
    with pytest.raises(json.JSONDecodeError):
        Document(text, comments=False)


@pytest.mark.parametrize("text", ["", " \r\n", "\ufeff", "// only this\n", "/* and this */"])
def test_a_document_without_values_is_blank(text: str) -> None:
    assert Document(text, comments=True).is_blank


def test_a_byte_order_mark_is_no_part_of_the_document() -> None:
    assert Document('\ufeff{"a": 1}', comments=False).value == {"a": 1}
