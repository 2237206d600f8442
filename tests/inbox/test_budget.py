from hypothesis import given
from hypothesis import strategies as st

from convirza_mcp.inbox.budget import Budget
from convirza_mcp.inbox.tokens import estimate_tokens

ROW = '[987654,"11-23 08:35","John Doe","18015551234",2,"John Doe","Can you call me back?"]'


def test_what_fits_fits_whole() -> None:
    assert Budget(2_000).rows_that_fit("{}", [ROW] * 20) == 20


def test_nothing_fits_beside_a_frame_that_is_too_large() -> None:
    assert Budget(50).rows_that_fit("word " * 100, [ROW]) == 0
    assert Budget(1_000_000, max_characters=100).rows_that_fit("x" * 50, [ROW]) == 0


def test_characters_bound_as_well_as_tokens() -> None:
    # Blank runs are cheap in tokens and dear in characters.
    assert Budget(1_000_000).rows_that_fit("", [" " * 9_998] * 10) == 4


@given(rows=st.lists(st.text(max_size=300), max_size=40), frame=st.text(max_size=200), most=st.integers(20, 3_000))
def test_what_is_said_to_fit_does(rows: list[str], frame: str, most: int) -> None:
    budget = Budget(most, max_characters=4_000)

    count = budget.rows_that_fit(frame, rows)

    kept = rows[:count]
    if count:
        assert len(frame) + sum(len(row) + 2 for row in kept) <= 4_000
        assert (
            min(
                len((frame + "".join(kept)).encode("utf-8", "replace")),
                estimate_tokens(frame) + sum(map(estimate_tokens, kept)),
            )
            <= most
        )
    if count < len(rows):
        more = rows[: count + 1]
        assert (
            len(frame) + sum(len(row) + 2 for row in more) > 4_000
            or estimate_tokens(frame) + sum(estimate_tokens(row) + 1 for row in more) > most
        )
