"""An old Python: pip says that it is too old, and does not look for dependencies that it cannot have."""

from packaging.requirements import Requirement

from convirza_mcp.python_version import OLDEST, version_text
from support.packages import PROJECT


def test_no_dependency_is_looked_for_with_a_python_that_is_too_old() -> None:
    dependencies = [Requirement(each) for each in PROJECT["dependencies"]]
    here = {"sys_platform": "win32"}

    assert PROJECT["requires-python"] == f">={version_text(OLDEST)}"
    for each in dependencies:
        assert each.marker is not None, each.name
        assert not each.marker.evaluate(here | {"python_version": "3.10"}), each.name
        assert each.marker.evaluate(here | {"python_version": version_text(OLDEST)}), each.name
