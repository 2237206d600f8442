"""Names of agents and lines as people say them."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from convirza_mcp.rules.names import agents_named, lines_numbered
from convirza_mcp.sandbox.seed.people import AGENTS, LINES

AGENT_NAMES = [each.name for each in AGENTS]
NAMES = [
    *("Ann Lee", "Ann", "Anna Lee", "Lee Annandale", "José Peña", "Łukasz Øster", "王小明", "आरव शर्मा"),
    "O'Neill, Kim",
]


@pytest.mark.parametrize(
    ("said", "found"),
    [
        # The whole name comes before whole words, and these before words that begin so.
        ("ann", ["Ann"]),
        ("  ANN   lee ", ["Ann Lee"]),
        ("lee", ["Ann Lee", "Anna Lee", "Lee Annandale"]),
        ("Lee Ann", ["Ann Lee"]),
        ("anna", ["Anna Lee"]),
        ("annan", ["Lee Annandale"]),
        ("jose", ["José Peña"]),
        ("PENA", ["José Peña"]),
        ("j p", ["José Peña"]),
        ("lukasz", ["Łukasz Øster"]),
        ("oster", ["Łukasz Øster"]),
        ("小明", ["王小明"]),
        ("शर्मा", ["आरव शर्मा"]),
        ("kim o'neill", ["O'Neill, Kim"]),
        ("neill", ["O'Neill, Kim"]),
        ("ONeill", ["O'Neill, Kim"]),
        ("kim o’neill", ["O'Neill, Kim"]),
        ("oneillkim", []),
        ("nn", []),
        ("Ann Pena", []),
        ("-", []),
        ("", []),
    ],
)
def test_whole_name_before_whole_word_before_start_of_a_word(said: str, found: list[str]) -> None:
    assert agents_named(said, NAMES) == found


@pytest.mark.parametrize(
    ("said", "name"), [("dang", "Minh Châu Đặng"), ("rourke", "Siobhán O'Rourke"), ("thi", "Thiago Nogueira")]
)
def test_agents_of_the_sandbox_are_found_without_accents(said: str, name: str) -> None:
    assert agents_named(said, AGENT_NAMES) == [name]


@pytest.mark.parametrize(
    ("said", "found"),
    [
        ("18015550101", ["18015550101"]),
        ("(801) 555-0101", ["18015550101"]),
        ("0103", ["13855550103"]),
        ("...0103", ["13855550103"]),
        ("#0103", ["13855550103"]),
        ("-٠١٠٣", ["13855550103"]),
        ("801", ["18015550101", "18015550102"]),
        ("555-0104", ["17025550104"]),
        ("01", []),
        ("8015550199", []),
        ("main line", ["Main Line"]),
        ("front", ["Front Desk 2"]),
    ],
)
def test_a_line_is_found_by_its_number_in_any_writing_or_by_its_last_digits(said: str, found: list[str]) -> None:
    assert lines_numbered(said, [*LINES, "Main Line", "Front Desk 2"]) == found


NAME = st.text(st.sampled_from("abcéđ 'ñ-"), max_size=12)


@given(names=st.lists(NAME, max_size=6, unique=True), said=NAME)
def test_what_is_found_is_of_the_first_kind_that_fits(names: list[str], said: str) -> None:
    found = agents_named(said, names)

    assert set(found) <= set(names)
    for name in names:
        # A whole name finds itself, and nothing that is not the same but for case, accents and punctuation.
        alike = agents_named(name, names)
        assert name in alike or not name.strip(" '-")
        assert all(agents_named(each, [name]) == [name] for each in alike)
