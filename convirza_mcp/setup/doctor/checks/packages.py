"""The packages that this one is built on."""

import re
import sys
from collections.abc import Iterable
from importlib.metadata import PackageNotFoundError, requires, version

from convirza_mcp.setup.doctor.finding import Finding

NAME = "packages"
THIS = "convirza-mcp"
SHOWN = ("mcp", "httpx2", "pydantic", "anyio")

_REQUIREMENT = re.compile(r"([A-Za-z0-9._-]+)\s*([^;]*?)\s*(?:;\s*(.*))?")
_BOUND = re.compile(r"(>=|<)\s*([0-9.]+)")


def check_packages(requirements: Iterable[str] | None = None) -> Finding:
    """`requirements` are as a package's metadata has them, by default this package's own."""
    faults = [
        fault
        for each in (requires(THIS) or () if requirements is None else requirements)
        if (fault := _fault(each)) is not None
    ]
    if faults:
        return Finding.fault(
            NAME, f"{'; '.join(faults)}.", f"Install it anew: `{_installer()} install --upgrade {THIS}`."
        )
    return Finding.good(NAME, f"{', '.join(f'{name} {version(name)}' for name in (THIS, *SHOWN))}.")


def _fault(requirement: str) -> str | None:
    read = _REQUIREMENT.fullmatch(requirement.strip())
    if read is None or not _is_for_here(read[3]):
        return None
    name, bounds = read[1], read[2]
    try:
        installed = version(name)
    except PackageNotFoundError:
        return f"{name} is not installed"
    for relation, bound in _BOUND.findall(bounds):
        enough = _numbers(installed) >= _numbers(bound)
        if enough != (relation == ">="):
            return f"{name} {installed} is too {'old' if relation == '>=' else 'new'} ({bounds.replace(',', ', ')})"
    return None


def _is_for_here(marker: str | None) -> bool:
    """Whether a marker of the few kinds that this package has lets the requirement count."""
    if marker is None:
        return True
    return "extra" not in marker and ("win32" not in marker or sys.platform == "win32")


def _numbers(text: str) -> tuple[int, ...]:
    """`2.16.2rc1` as (2, 16, 2): enough for bounds that name releases. Zeros at the end say nothing."""
    release = re.match(r"[0-9]+(?:\.[0-9]+)*", text)
    numbers = [int(part) for part in release[0].split(".")] if release else []
    while numbers and numbers[-1] == 0:
        numbers.pop()
    return tuple(numbers)


def _installer() -> str:
    # By its path: another `pip` would install it elsewhere.
    return f'"{sys.executable}" -m pip'
