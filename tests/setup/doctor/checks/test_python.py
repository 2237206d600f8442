from convirza_mcp.setup.doctor.checks.python import check_python
from convirza_mcp.setup.doctor.finding import Finding


def test_a_python_that_will_do() -> None:
    assert check_python((3, 11, 0)) == Finding("python", True, "Python 3.11.0.", None)
    assert check_python().ok is True


def test_an_old_python() -> None:
    assert check_python((3, 10, 14)) == Finding(
        "python",
        False,
        "Python 3.10.14 is too old: convirza-mcp needs 3.11 or later.",
        "Install a newer Python from https://www.python.org/downloads/, then install convirza-mcp with it.",
    )
