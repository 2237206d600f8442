"""Whole texts that a model or a person reads, kept beside the tests and compared to the letter.

`UPDATE_SNAPSHOTS=1 pytest …` writes them anew: look at the difference before you commit it.
"""

import os
from pathlib import Path

FOLDER = Path(__file__).parents[1] / "snapshot_texts"


def assert_is_snapshot(text: str, name: str) -> None:
    file = FOLDER / name
    if os.environ.get("UPDATE_SNAPSHOTS"):
        file.parent.mkdir(exist_ok=True)
        file.write_text(text, encoding="utf-8")
    assert text == file.read_text(encoding="utf-8")
