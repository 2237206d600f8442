"""The kept sentences are those of today's tests."""

import re
from pathlib import Path

from support.snapshots import read_sentences

TESTS = Path(__file__).parent


def test_every_kept_sentence_belongs_to_a_test() -> None:
    def exists(test: str) -> bool:
        file, _, name = test.partition("[")[0].partition("::")
        path = TESTS / file
        return path.exists() and re.search(rf"\bdef {name}\(", path.read_text(encoding="utf-8")) is not None

    assert [test for test in read_sentences() if not exists(test)] == []
