"""What one check came to."""

from dataclasses import dataclass
from typing import Self


@dataclass(frozen=True, slots=True)
class Finding:
    """`ok` is None where the check was skipped. `detail` and `remedy` are whole sentences.

    Neither ever holds a token, a phone number or a text of the inbox. `remedy` is what to do, None where there is
    nothing.
    """

    name: str
    ok: bool | None
    detail: str
    remedy: str | None = None

    @classmethod
    def good(cls, name: str, detail: str) -> Self:
        return cls(name, True, detail)

    @classmethod
    def fault(cls, name: str, detail: str, remedy: str) -> Self:
        return cls(name, False, detail, remedy)

    @classmethod
    def skipped(cls, name: str, reason: str, remedy: str | None = None) -> Self:
        return cls(name, None, f"skipped: {reason}", remedy)
