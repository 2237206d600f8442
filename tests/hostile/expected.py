"""`expected.tsv`, read."""

from dataclasses import dataclass
from functools import cache
from pathlib import Path

from hostile.visible import read_visible

FILE = Path(__file__).parent / "expected.tsv"


@dataclass(frozen=True, slots=True)
class Expected:
    """What must become of one hostile text; `shown` None where nothing is left to show."""

    id: str
    raw: str
    cleaned: str
    shown: str | None

    @property
    def kind(self) -> str:
        return self.id.partition("/")[0]

    @property
    def carrier(self) -> str:
        return self.id.partition("/")[2]

    @property
    def whole(self) -> str:
        """The message as it is shown where nothing is cut."""
        return self.cleaned if self.kind == "giants" else self.shown or ""


@cache
def expected() -> tuple[Expected, ...]:
    _, *lines = [line for line in FILE.read_text(encoding="utf-8").splitlines() if not line.startswith("#")]
    return tuple(_read(*line.split("\t")) for line in lines)


def _read(id_: str, raw: str, cleaned: str, shown: str) -> Expected:
    sent = read_visible(raw)
    safe = sent if cleaned == "=" else read_visible(cleaned)
    return Expected(id_, sent, safe, safe if shown == "=" else None if shown == "null" else read_visible(shown))
