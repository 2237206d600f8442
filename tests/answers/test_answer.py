"""What of an answer fits its budget, whatever its head says about the rest."""

from collections.abc import Sequence
from typing import Any

import pytest

from convirza_mcp.answers.answer import Answer, Row, fitted_answer
from convirza_mcp.answers.budget import Budget

COLUMNS = ("conversation_id", "message")


def rows_at(length: int) -> Sequence[Row]:
    return [[each, "call me back, please, about the refund "[:length]] for each in range(60)]


def long_head(shown: int) -> dict[str, Any]:
    """It says most where some rows are shown and some are not."""
    left_out = 60 - shown
    where = "with one more word" if not shown else f"with start={'2026-01-01T00:00:00Z ' * 12}, end={shown}"
    return {"matches": 60} | ({"left_out": f"{left_out} of 60; next call: {where}"} if left_out else {})


@pytest.mark.parametrize("budget", [Budget(each) for each in range(280, 870, 17)], ids=str)
def test_an_answer_holds_as_many_rows_as_its_budget_and_never_more(budget: Budget) -> None:
    answer = fitted_answer(budget, COLUMNS, rows_at, 40, long_head)

    shown = len(answer.rows)
    assert budget.holds(answer.text)
    assert answer.head == long_head(shown)
    assert list(answer.rows) == list(rows_at(40)[:shown])
    assert 0 < shown < 60
    assert not budget.holds(Answer(long_head(shown + 2), COLUMNS, rows_at(40)[: shown + 2]).text)


def test_a_first_row_that_does_not_fit_has_its_message_cut() -> None:
    def long_rows(length: int) -> Sequence[Row]:
        return [[each, ("refund " * 500)[:length]] for each in range(3)]

    answer = fitted_answer(Budget(220), COLUMNS, long_rows, 2_000, lambda shown: {"shown": shown})

    assert Budget(220).holds(answer.text)
    assert list(answer.rows) == list(long_rows(500))[:2]


def test_all_rows_stay_where_they_fit() -> None:
    answer = fitted_answer(Budget(16_000), COLUMNS, rows_at, 40, long_head)

    assert answer == Answer({"matches": 60}, COLUMNS, rows_at(40))
