"""The source distribution: what the tests and the packages are made of is in it."""

import subprocess
import sys
import tarfile
from pathlib import Path

from support.packages import PROJECT, ROOT, script


def test_the_sdist_holds_what_the_packages_need(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "hatchling", "build", "-t", "sdist", "-d", str(tmp_path)]
    subprocess.run(command, cwd=ROOT, check=True, capture_output=True)
    (archive,) = tmp_path.glob("*.tar.gz")
    with tarfile.open(archive) as opened:
        names = {name.partition("/")[2] for name in opened.getnames()}

    assert archive.name == f"convirza_mcp-{PROJECT['version']}.tar.gz"
    packages = (path for path in (ROOT / "packaging").rglob("*") if path.is_file())
    wanted = [*script("stamp_packages").stamped(), *packages]
    assert {path.relative_to(ROOT).as_posix() for path in wanted} - names == set()
    assert {".dockerignore", "scripts/build_mcpb.py", "tests/packaging/test_sdist.py"} <= names
