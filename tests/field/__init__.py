"""Cases from public reports, as data: one JSON object a line with `input`, `expected` and `source` (`org/repo#n`)."""

import json
from pathlib import Path
from typing import Any

_FOLDER = Path(__file__).parent


def cases(name: str) -> list[dict[str, Any]]:
    """Return the rows of `NAME.jsonl`."""
    lines = (_FOLDER / f"{name}.jsonl").read_text(encoding="utf-8").splitlines()
    return [json.loads(line) for line in lines]
