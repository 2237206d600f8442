"""The official conformance suite, against `convirza-mcp serve --http`."""

from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import pytest

from convirza_mcp.sandbox import Sandbox
from judges.expectations import Finding, baseline, differences, read_reasons, read_run
from judges.installed import ask, needs_judges
from support.http_servers import MODULE, http_process

pytestmark = needs_judges

BENCHMARKS = Path(__file__).parents[2] / "benchmarks" / "README.md"


class Set(NamedTuple):
    """A set of scenarios, as one version of the suite freezes it."""

    package: str
    options: tuple[str, ...]
    scenarios: int

    def __str__(self) -> str:
        return self.options[-1] if self.options else "0.1.16"


SETS = [
    Set("conformance-0.1", (), 30),
    Set("conformance-0.2", ("--requirements", "2025-11-25"), 33),
    Set("conformance-0.2", ("--requirements", "2026-07-28"), 50),
]


class Run(NamedTuple):
    asked: Set
    aliases: bool
    status: int
    said: str
    findings: dict[str, list[Finding]]

    @property
    def row(self) -> str:
        """How the benchmarks write it down."""
        passed = sum(not findings for findings in self.findings.values())
        under = "with the suite's names" if self.aliases else "as it is"
        return f"| {self.asked} | {under} | {len(self.findings)} | {passed} | {len(self.findings) - passed} |"


@pytest.fixture(scope="module", params=[False, True], ids=["product", "aliases"])
def aliases(request: pytest.FixtureRequest) -> bool:
    return request.param


@pytest.fixture(scope="module")
def address(aliases: bool) -> Iterator[str]:
    program = (str(Path(__file__).with_name("aliases.py")),) if aliases else MODULE
    settings = {"CONVIRZA_TIMEZONE": "America/Denver"}
    with Sandbox(conversations=1_500) as sandbox:
        settings |= {"CONVIRZA_TOKEN": sandbox.token, "CONVIRZA_BASE_URL": sandbox.base_url}
        with http_process(program=program, **settings) as server:
            yield server.url


@pytest.fixture(scope="module", params=SETS, ids=str)
def run(request: pytest.FixtureRequest, aliases: bool, address: str, tmp_path_factory: pytest.TempPathFactory) -> Run:
    asked: Set = request.param
    folder = tmp_path_factory.mktemp("conformance")
    reasons = read_reasons(aliases=aliases, asked=str(asked))
    (folder / "expected.yml").write_text(baseline(reasons, by_check=bool(asked.options)), encoding="utf-8")
    arguments = ["--url", address, *asked.options, "--expected-failures", "expected.yml", "-o", "results"]
    ended = ask(asked.package, "server", *arguments, home=folder)
    return Run(asked, aliases, ended.returncode, ended.stdout + ended.stderr, read_run(folder / "results"))


def test_every_scenario_passes_or_fails_for_the_reason_given(run: Run) -> None:
    assert differences(run.findings, read_reasons(aliases=run.aliases, asked=str(run.asked))) == []
    assert len(run.findings) == run.asked.scenarios


def test_the_suite_itself_finds_nothing_unexpected(run: Run) -> None:
    assert run.status == 0, run.said[-4_000:]


def test_the_figures_written_down_are_these(run: Run) -> None:
    assert run.row in BENCHMARKS.read_text(encoding="utf-8")
