import sys
from importlib.metadata import version

import pytest

from convirza_mcp.setup.doctor.checks.packages import check_packages


def test_what_is_installed_here_fits() -> None:
    finding = check_packages()

    shown = [f"{name} {version(name)}" for name in ("convirza-mcp", "mcp", "httpx2", "pydantic", "anyio")]
    assert (finding.name, finding.ok, finding.detail) == ("packages", True, ", ".join(shown) + ".")


@pytest.mark.parametrize(
    "requirement",
    [
        "click",
        "click>=8.1",
        "click <900, >=8",
        "no-such-package-here>=1; sys_platform == 'nowhere' and extra == 'dev'",
        f"click=={version('click')}",
    ],
)
def test_these_are_met(requirement: str) -> None:
    assert check_packages([requirement]).ok is True


def test_a_bound_is_a_release_and_zeros_at_its_end_say_nothing() -> None:
    installed = version("click")

    assert check_packages([f"click>={installed}.0"]).ok is True
    assert check_packages([f"click<{installed}.0"]).ok is False


def test_what_is_missing_too_old_or_too_new_is_named() -> None:
    click, anyio = version("click"), version("anyio")

    finding = check_packages(["no-such-package-here>=1", "click<900,>=800", "anyio>=1,<2", "pydantic>=2"])

    assert (finding.name, finding.ok, finding.detail, finding.remedy) == (
        "packages",
        False,
        f"no-such-package-here is not installed; click {click} is too old (<900, >=800); "
        f"anyio {anyio} is too new (>=1, <2).",
        f'Install it anew: `"{sys.executable}" -m pip install --upgrade convirza-mcp`.',
    )
