"""Which scenarios of the conformance suite are expected to fail, and whether a run kept to that."""

import json
import re
import tomllib
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

FILE = Path(__file__).with_name("expected_failures.toml")


@dataclass(frozen=True, kw_only=True)
class Reason:
    """Why `scenarios` fail. Each is a scenario or `scenario:check`, and fails with one of the words in `says`."""

    why: str
    says: Sequence[str]
    scenarios: Sequence[str]
    with_aliases: bool = False
    only: Sequence[str] = ()


@dataclass(frozen=True)
class Finding:
    """A check that did not succeed: the suite counts its warnings as failures too."""

    scenario: str
    check: str
    message: str

    def is_meant_by(self, entry: str) -> bool:
        return entry in (self.scenario, f"{self.scenario}:{self.check}")


def read_reasons(*, aliases: bool, asked: str | None = None, file: Path = FILE) -> list[Reason]:
    """What is expected to fail of the product's server, or of the one with aliases, in the run of the set `asked`."""
    reasons = [Reason(**entry) for entry in tomllib.loads(file.read_text(encoding="utf-8"))["reason"]]
    counted = [reason for reason in reasons if asked is None or not reason.only or asked in reason.only]
    return [reason for reason in counted if not (aliases and reason.with_aliases)]


def entries_of(reasons: Sequence[Reason]) -> list[str]:
    return [entry for reason in reasons for entry in reason.scenarios]


def baseline(reasons: Sequence[Reason], *, by_check: bool) -> str:
    """The suite's own file of expected failures; JSON is YAML. Its older versions know whole scenarios only."""
    return json.dumps({"server": [entry for entry in entries_of(reasons) if by_check or ":" not in entry]})


def read_run(results: Path) -> dict[str, list[Finding]]:
    """By scenario that was run, what did not succeed, out of the folder that the suite wrote."""
    run: dict[str, list[Finding]] = {}
    for file in results.glob("server-*/checks.json"):
        named = re.fullmatch(r"server-(.+)-20\d\d-\d\d-\d\dT[-\d]+Z", file.parent.name)
        assert named is not None, file.parent.name
        checks: list[dict[str, Any]] = json.loads(file.read_text(encoding="utf-8"))
        run[named[1]] = [
            Finding(named[1], check["id"], check.get("errorMessage") or "")
            for check in checks
            if check["status"] in ("FAILURE", "WARNING")
        ]
    return run


def differences(run: dict[str, list[Finding]], reasons: Sequence[Reason]) -> list[str]:
    """A sentence for everything that is not as expected."""
    found = [finding for findings in run.values() for finding in findings]
    said = []
    for finding in found:
        here = f"{finding.scenario}:{finding.check}"
        meant = [reason for reason in reasons if any(finding.is_meant_by(entry) for entry in reason.scenarios)]
        if not meant:
            said.append(f"{here} fails and is not listed: {finding.message}")
        elif not any(words in finding.message for words in meant[0].says):
            said.append(f'{here} fails for another reason than "{meant[0].why}": {finding.message}')
    for entry in entries_of(reasons):
        if entry.partition(":")[0] in run and not any(finding.is_meant_by(entry) for finding in found):
            said.append(f"{entry} passes: take it off the list")
    return said
