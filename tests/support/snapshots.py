"""Texts that a model or a person reads, kept beside the tests and compared to the letter.

`UPDATE_SNAPSHOTS=1 pytest` writes them anew, and runs no other tests: review the difference before you commit it.

* `assert_is_snapshot` compares a whole page with a file of its own.
* `snapshot`, a fixture, compares sentences with `sentences.txt`. What an error, a note or a finding says in each
  situation stands there and nowhere else. A test about something else asserts the class, the `code` or the argument.
"""

import os
import re
import sys
from collections.abc import Iterator, Sequence
from dataclasses import astuple, is_dataclass
from pathlib import Path
from tempfile import gettempdir
from typing import Any

import pytest

FOLDER = Path(__file__).parents[1] / "snapshot_texts"
SENTENCES = FOLDER / "sentences.txt"


def updates_snapshots() -> bool:
    return bool(os.environ.get("UPDATE_SNAPSHOTS"))


def assert_is_snapshot(text: str, name: str) -> None:
    file = FOLDER / name
    if updates_snapshots():
        file.parent.mkdir(exist_ok=True)
        file.write_text(text, encoding="utf-8")
    assert text == file.read_text(encoding="utf-8")


def read_sentences() -> dict[str, list[str]]:
    """Return the sentences of each test, by its id below `tests/`."""
    found: dict[str, list[str]] = {}
    test = ""
    for line in SENTENCES.read_text(encoding="utf-8").splitlines() if SENTENCES.exists() else ():
        if line.startswith("  > "):
            found[test].append(line[4:])
        elif line.startswith("    "):
            found[test][-1] += "\n" + line[4:]
        elif line:
            test = line
            found[test] = []
    return found


def exists(test: str) -> bool:
    file, _, name = test.partition("[")[0].partition("::")
    path = FOLDER.parent / file
    return path.exists() and re.search(rf"\bdef {name}\(", path.read_text(encoding="utf-8")) is not None


def _write_sentences(sentences: dict[str, list[str]]) -> None:
    # Imported here: environments without this package run tests of the examples.
    from filelock import FileLock

    with FileLock(Path(gettempdir()) / "convirza-mcp-sentences.lock"):
        found = {test: kept for test, kept in (read_sentences() | sentences).items() if exists(test)}
        blocks = [
            "\n".join([each, *("  > " + text.replace("\n", "\n    ") for text in found[each])])
            for each in sorted(found)
        ]
        SENTENCES.write_text("\n\n".join(blocks) + "\n", encoding="utf-8")


class Snapshot:
    """Compares what is handed to it, call by call, with the sentences that are kept for this test."""

    def __init__(self, test: str, hidden: dict[str, str]) -> None:
        self._hidden = hidden
        self._kept = read_sentences()
        self.test = test
        self.sentences: dict[str, list[str]] = {}

    def __call__(self, *things: Any) -> None:
        """Compare with what is kept for this case of the test."""
        self._compare(self.test, things)

    def shared(self, *things: Any) -> None:
        """Compare with what is kept for all cases of the test: each says the same."""
        self._compare(self.test.partition("[")[0], things)

    def _compare(self, test: str, things: Sequence[Any]) -> None:
        sentences = self.sentences.setdefault(test, [])
        for thing in things:
            sentences.append(self._text(thing))
            if not updates_snapshots():
                place = len(sentences)
                assert sentences[-1:] == self._kept.get(test, [])[place - 1 : place]

    def _text(self, thing: Any) -> str:
        if is_dataclass(thing) and not isinstance(thing, type):
            thing = astuple(thing)
        if isinstance(thing, Sequence) and not isinstance(thing, str):
            return " | ".join(self._text(each) for each in thing)
        text = str(thing)
        for value, name in self._hidden.items():
            text = text.replace(value, name)
        text = re.sub(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", "REQUEST-ID", text)
        return re.sub(r"(127\.0\.0\.1|\[::1\]):[0-9]+", r"\1:PORT", text)


def pytest_configure(config: pytest.Config) -> None:
    if updates_snapshots():
        # The sentences of the long tests too.
        config.option.markexpr = ""


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Run only the tests with snapshots where snapshots are written anew."""

    def compares(item: Any) -> bool:
        return "snapshot" in getattr(item, "fixturenames", ()) or hasattr(item.module, "assert_is_snapshot")

    if updates_snapshots():
        items[:] = [item for item in items if compares(item)]


@pytest.fixture
def snapshot(request: pytest.FixtureRequest) -> Iterator[Snapshot]:
    python = Path(sys.executable)
    hidden = {str(python): "PYTHON", str(python.parent): "BIN", str(FOLDER.parents[1]): "REPOSITORY"}
    if "tmp_path" in request.fixturenames:
        hidden = {str(request.getfixturevalue("tmp_path")): "FOLDER"} | hidden
    # Both protocol eras say the same.
    test = re.sub(r"\[(auto|legacy)(-|\])", "[", request.node.nodeid.removeprefix("tests/")).removesuffix("[")
    snapshot = Snapshot(test, hidden)
    yield snapshot
    if updates_snapshots():
        _write_sentences(snapshot.sentences)
