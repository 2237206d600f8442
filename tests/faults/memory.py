"""How far this process's memory rises inside a block."""

import gc
import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest

_PROCESS = Path("/proc/self")


@dataclass(slots=True)
class Growth:
    mebibytes: float = 0.0


@contextmanager
def memory_growth() -> Iterator[Growth]:
    """The rise of the resident memory's peak; measured on Linux, where a process may reset its own peak."""
    reset = _PROCESS / "clear_refs"
    if not reset.exists():
        pytest.skip("the peak of a process's memory cannot be reset on this system")
    gc.collect()
    reset.write_text("5", encoding="ascii")
    before = _peak()
    growth = Growth()
    try:
        yield growth
    finally:
        growth.mebibytes = (_peak() - before) / 1024


def _peak() -> int:
    found = re.search(r"VmHWM:\s+(\d+) kB", (_PROCESS / "status").read_text(encoding="ascii"))
    assert found is not None
    return int(found[1])
