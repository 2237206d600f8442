import platform
from importlib.metadata import version

from convirza_mcp.setup.doctor.checks.installation import check_installation


def test_the_versions_that_run_are_named() -> None:
    python, packages = check_installation()

    shown = [f"{name} {version(name)}" for name in ("convirza-mcp", "mcp", "httpx2", "pydantic", "anyio")]
    assert (python.name, python.ok, python.detail) == ("python", True, f"Python {platform.python_version()}.")
    assert (packages.name, packages.ok, packages.detail) == ("packages", True, f"{', '.join(shown)}.")
