"""The part of an answer that fits a model's context."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Self

from convirza_mcp.answers.head import privacy_line
from convirza_mcp.settings import Settings
from convirza_mcp.text.tokens import estimate_tokens

MAX_CHARACTERS = 48_000
"""Common hosts cut a result at 50,000 characters or 25,000 tokens, without a notice."""


@dataclass(frozen=True, slots=True)
class Budget:
    """Limit of a result, in tokens by `estimate_tokens` and in characters. `reserved` is for parts added last."""

    max_tokens: int
    max_characters: int = MAX_CHARACTERS
    reserved: int = 0

    @classmethod
    def of(cls, settings: Settings) -> Self:
        """Return the budget of an answer without the privacy line, which is added at the end."""
        budget = cls(settings.max_result_tokens)
        line = privacy_line(settings.privacy)
        return budget if line is None else budget.beside(f',"privacy":"{line}"')

    def holds(self, text: str) -> bool:
        if len(text) > self.max_characters:
            return False
        # A token has at least one byte, so most results need no estimate.
        return len(text.encode(errors="replace")) <= self.max_tokens or estimate_tokens(text) <= self.max_tokens

    def beside(self, text: str) -> Self:
        tokens = estimate_tokens(text)
        return replace(
            self,
            max_tokens=self.max_tokens - tokens,
            reserved=self.reserved + tokens,
            max_characters=self.max_characters - len(text),
        )

    def at_most(self, tokens: int) -> Self:
        """Return this budget, limited to so many tokens in total."""
        return replace(self, max_tokens=min(self.max_tokens, tokens - self.reserved))

    def rows_that_fit(self, frame: str, rows: Sequence[str]) -> int:
        """Return how many of `rows`, from the first on, fit beside `frame`, the text of everything else."""
        tokens = self.max_tokens - estimate_tokens(frame)
        characters = self.max_characters - len(frame)
        for count, row in enumerate(rows):
            # A row costs its text, a comma and a line break.
            tokens -= estimate_tokens(row) + 1
            characters -= len(row) + 2
            if tokens < 0 or characters < 0:
                return count
        return len(rows)
