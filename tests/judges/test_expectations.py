"""What the check of the conformance suite's results says, without the suite."""

import json
from pathlib import Path

import pytest

from judges.expectations import Finding, Reason, baseline, differences, entries_of, read_reasons, read_run

REASONS = [
    Reason(why="No images.", says=["Unknown tool", "no such"], scenarios=["image"]),
    Reason(why="No logging.", says=["Not testable"], scenarios=["stateless:log"]),
]
IMAGE = Finding("image", "image", "Failed: Unknown tool; this server has others.")
LOG = Finding("stateless", "log", "Not testable: no tool for it")


@pytest.mark.parametrize(
    ("run", "said"),
    [
        ({"ping": [], "image": [IMAGE], "stateless": [LOG]}, []),
        # What is listed and was not run says nothing.
        ({"ping": []}, []),
        ({"ping": [Finding("ping", "pong", "timed out")]}, ["ping:pong fails and is not listed: timed out"]),
        (
            {"stateless": [LOG, Finding("stateless", "ack", "no answer")]},
            ["stateless:ack fails and is not listed: no answer"],
        ),
        (
            {"image": [Finding("image", "image", "timed out")]},
            ['image:image fails for another reason than "No images.": timed out'],
        ),
        ({"image": [], "stateless": [LOG]}, ["image passes: take it off the list"]),
        ({"stateless": []}, ["stateless:log passes: take it off the list"]),
    ],
)
def test_everything_that_is_not_as_expected_is_said(run: dict[str, list[Finding]], said: list[str]) -> None:
    assert differences(run, REASONS) == said


def test_a_run_is_read_with_its_failures_and_warnings(tmp_path: Path) -> None:
    for name, status in {"ping": "SUCCESS", "tools-list": "WARNING", "sep-2164-x": "FAILURE", "y": "SKIPPED"}.items():
        folder = tmp_path / f"server-{name}-2026-11-23T21-55-31-920Z"
        folder.mkdir()
        checks = [{"id": "one", "status": status}, {"id": "two", "status": "INFO", "errorMessage": "fine"}]
        (folder / "checks.json").write_text(json.dumps(checks), encoding="utf-8")

    assert read_run(tmp_path) == {
        "ping": [],
        "tools-list": [Finding("tools-list", "one", "")],
        "sep-2164-x": [Finding("sep-2164-x", "one", "")],
        "y": [],
    }


def test_the_list_gives_every_entry_once_and_a_reason_for_each() -> None:
    reasons = read_reasons(aliases=False)
    entries = entries_of(reasons)

    assert len(entries) == len(set(entries))
    assert all(reason.why.endswith(".") and reason.says and reason.scenarios for reason in reasons)
    whole = {entry for entry in entries if ":" not in entry}
    assert not {entry for entry in entries if entry.partition(":")[0] in whole} - whole


def test_what_passes_with_aliases_is_not_expected_to_fail_there() -> None:
    missing = set(entries_of(read_reasons(aliases=False))) - set(entries_of(read_reasons(aliases=True)))

    assert missing == {
        "tools-call-simple-text",
        "tools-call-error",
        "tools-call-with-progress",
        "prompts-get-simple",
        "prompts-get-with-args",
        "resources-read-text",
        "completion-complete",
    }


def test_the_suite_gets_its_own_file_of_them() -> None:
    assert json.loads(baseline(REASONS, by_check=True)) == {"server": ["image", "stateless:log"]}
    assert json.loads(baseline(REASONS, by_check=False)) == {"server": ["image"]}
