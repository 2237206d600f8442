from hypothesis import given
from hypothesis import strategies as st

from convirza_mcp.answers.budget import Budget
from convirza_mcp.text.tokens import estimate_tokens

ROW = '[987654,"11-23 08:35","John Doe","18015551234",2,"John Doe","Can you call me back?"]'


def test_what_fits_fits_whole() -> None:
    assert Budget(2_000).rows_that_fit("{}", [ROW] * 20) == 20


def test_nothing_fits_beside_a_frame_that_is_too_large() -> None:
    assert Budget(50).rows_that_fit("word " * 100, [ROW]) == 0
    assert Budget(1_000_000, max_characters=100).rows_that_fit("x" * 50, [ROW]) == 0


def test_characters_bound_as_well_as_tokens() -> None:
    # Blank runs are cheap in tokens and dear in characters.
    assert Budget(1_000_000).rows_that_fit("", [" " * 9_998] * 10) == 4


@given(text=st.text(max_size=300), most=st.integers(20, 3_000))
def test_a_result_that_is_held_fits(text: str, most: int) -> None:
    held = Budget(most, max_characters=2_000).holds(text)

    assert held == (
        len(text) <= 2_000 and (len(text.encode(errors="replace")) <= most or estimate_tokens(text) <= most)
    )


@given(rows=st.lists(st.text(max_size=60), max_size=20), frame=st.text(max_size=200), most=st.integers(20, 3_000))
def test_as_many_rows_as_fit_and_not_one_more(rows: list[str], frame: str, most: int) -> None:
    def fits(shown: list[str]) -> bool:
        tokens = estimate_tokens(frame) + sum(estimate_tokens(row) + 1 for row in shown)
        return tokens <= most and len(frame) + sum(len(row) + 2 for row in shown) <= 4_000

    count = Budget(most, max_characters=4_000).rows_that_fit(frame, rows)

    assert count == 0 or fits(rows[:count])
    assert count == len(rows) or not fits(rows[: count + 1])
