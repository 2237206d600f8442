"""The command that a client is given starts this very server from anywhere."""

import subprocess
from importlib.metadata import version
from pathlib import Path

import pytest

from convirza_mcp.setup.clients.launch import Launch, launch, requirement, this_launch

PYTHON = "/env/bin/python"
SCRIPT = "/env/bin/convirza-mcp"
UV = "/home/ana/.local/bin/uv"


@pytest.mark.parametrize(
    ("script", "uv", "prefix", "expected"),
    [
        (SCRIPT, None, "/env", Launch(SCRIPT)),
        (None, None, "/env", Launch(PYTHON, ("-m", "convirza_mcp"))),
        # `uv run`, or a shell of uv's: the environment stays.
        (SCRIPT, UV, "/env", Launch(SCRIPT)),
        # `uv tool install`.
        (SCRIPT, UV, "/home/ana/.local/share/uv/tools/convirza-mcp", Launch(SCRIPT)),
        # uvx: it goes with the cache.
        (SCRIPT, UV, "/home/ana/.cache/uv/archive-v0/xY", Launch(UV, ("tool", "run", "--from", "O", "convirza-mcp"))),
        (SCRIPT, UV, r"C:\uv\cache\archive-v0\xY", Launch(UV, ("tool", "run", "--from", "O", "convirza-mcp"))),
        (SCRIPT, None, "/home/ana/.cache/uv/archive-v0/xY", Launch(SCRIPT)),
    ],
)
def test_what_outlives_the_installation_is_named(
    script: str | None, uv: str | None, prefix: str, expected: Launch
) -> None:
    assert launch(python=PYTHON, script=script, uv=uv, prefix=prefix, origin="O") == expected


@pytest.mark.parametrize(
    ("direct_url", "expected"),
    [
        (None, "convirza-mcp==1.2.3"),
        ("{}", "convirza-mcp==1.2.3"),
        ('{"url": "file:///src", "dir_info": {}}', "file:///src"),
        (
            '{"url": "https://example.com/x.git", "vcs_info": {"vcs": "git", "commit_id": "0123"}}',
            "git+https://example.com/x.git@0123",
        ),
    ],
)
def test_uv_is_asked_for_the_same_package_again(direct_url: str | None, expected: str) -> None:
    assert requirement("1.2.3", direct_url) == expected


def test_the_command_of_this_environment_runs_without_a_path_of_programs(tmp_path: Path) -> None:
    this = this_launch()

    ended = subprocess.run(
        [this.command, *this.arguments, "--version"],
        capture_output=True,
        encoding="utf-8",
        env={"PATH": ""},
        cwd=tmp_path,
        check=True,
    )

    assert Path(this.command).is_absolute()
    assert ended.stdout == f"convirza-mcp {version('convirza-mcp')}\n"
