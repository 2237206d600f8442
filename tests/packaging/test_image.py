"""The image: what its file says, what hadolint says of that, and its own steps carried out."""

import os
import re
import shlex
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from mcp import Client, StdioServerParameters

from judges.installed import needs_judges, program
from support.packages import ROOT
from support.processes import environment

PREFIX = "/opt/convirza-mcp"


def instructions() -> list[tuple[str, str]]:
    """The file's instructions with what follows them, comments and line ends taken out."""
    text = (ROOT / "Dockerfile").read_text(encoding="utf-8")
    lines = "\n".join(line for line in text.splitlines() if not line.lstrip().startswith("#"))
    joined = re.sub(r"\\\n\s*", "", lines)
    return [(word, rest.strip()) for word, _, rest in (line.partition(" ") for line in joined.splitlines() if line)]


def stages() -> list[list[tuple[str, str]]]:
    found: list[list[tuple[str, str]]] = []
    for instruction in instructions():
        if instruction[0] == "FROM":
            found.append([])
        found[-1].append(instruction)
    return found


def given(stage: list[tuple[str, str]], word: str) -> list[str]:
    return [rest for instruction, rest in stage if instruction == word]


def copied_from_here() -> list[list[str]]:
    """What is copied out of the folder: sources, then the target."""
    return [shlex.split(rest) for rest in given(instructions(), "COPY") if not rest.startswith("--from=")]


def test_both_stages_have_the_same_python() -> None:
    assert [given(stage, "FROM")[0].partition(" ")[0] for stage in stages()] == ["python:3.13-slim-trixie"] * 2


def test_the_image_runs_as_an_unprivileged_user_over_stdio() -> None:
    _, image = stages()
    (user,) = given(image, "USER")

    assert user == "10001:10001"
    assert any("useradd --create-home --uid 10001 convirza" in step for step in given(image, "RUN"))
    assert (given(image, "ENTRYPOINT"), given(image, "CMD")) == (['["convirza-mcp"]'], ['["serve"]'])
    assert "ca-certificates" in " ".join(given(image, "RUN"))
    # Neither is anything opened, nor is bytecode kept from being written.
    assert not given(image, "EXPOSE")
    assert "PYTHONDONTWRITEBYTECODE" not in " ".join(given(image, "ENV"))


@pytest.mark.skipif(sys.platform != "linux", reason="an image is Linux")
def test_the_private_folder_is_made_where_it_is_looked_for() -> None:
    program = "from convirza_mcp.files import private_folder; print(private_folder())"
    inside = environment(HOME="/home/convirza")
    inside.pop("XDG_STATE_HOME", None)

    ended = subprocess.run([sys.executable, "-c", program], env=inside, capture_output=True, text=True, check=True)

    made = next(step for step in given(instructions(), "RUN") if "install --directory" in step)
    assert made.split()[-1] == ended.stdout.strip()


def test_only_what_is_copied_is_sent_to_the_builder() -> None:
    admit = re.findall(r"^!(.+)$", (ROOT / ".dockerignore").read_text(encoding="utf-8"), re.MULTILINE)

    assert sorted(admit) == sorted(source for *sources, _ in copied_from_here() for source in sources)
    assert all((ROOT / name).exists() for name in admit)


@needs_judges
def test_hadolint_finds_nothing_in_the_dockerfile() -> None:
    ended = subprocess.run(
        [program("hadolint"), "--failure-threshold", "style", str(ROOT / "Dockerfile")],
        capture_output=True,
        encoding="utf-8",
        check=False,
    )

    assert (ended.returncode, ended.stdout) == (0, "")


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The first stage, carried out in folders of the test's own; it is what the second copies."""
    folder = tmp_path_factory.mktemp("image")
    source, prefix = folder / "src", folder / "convirza-mcp"
    for *names, target in copied_from_here():
        for name in names:
            path = ROOT / name
            if path.is_dir():
                shutil.copytree(path, source / target, ignore=shutil.ignore_patterns("__pycache__"))
            else:
                (source / target).mkdir(parents=True, exist_ok=True)
                shutil.copyfile(path, source / target / name)
    search = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
    for step in given(stages()[0], "RUN"):
        ended = subprocess.run(
            ["/bin/sh", "-e", "-c", step.replace(PREFIX, str(prefix))],
            cwd=source,
            env=environment(PATH=search),
            capture_output=True,
            encoding="utf-8",
            check=False,
        )
        assert ended.returncode == 0, ended.stdout + ended.stderr
    return prefix


@needs_judges
def test_every_module_is_compiled(built: Path) -> None:
    (packages,) = built.glob("lib/python3.*/site-packages")
    modules = [path for name in ("convirza_mcp", "mcp", "pydantic") for path in (packages / name).rglob("*.py")]

    assert len(modules) > 200
    assert [path for path in modules if not list((path.parent / "__pycache__").glob(f"{path.stem}.*.pyc"))] == []


@needs_judges
async def test_what_the_image_starts_answers(built: Path, tmp_path: Path) -> None:
    _, image = stages()
    (entry,), (options,) = given(image, "ENTRYPOINT"), given(image, "CMD")
    command, *arguments = re.findall(r'"([^"]+)"', entry + options)
    server = StdioServerParameters(
        command=str(built / "bin" / command),
        args=arguments,
        env={"PATH": f"{built / 'bin'}", "HOME": str(tmp_path), "CONVIRZA_DEMO": "true"},
        cwd=tmp_path,
    )

    async with Client(server) as client:
        tools = (await client.list_tools()).tools
        result = await client.call_tool("list_sms_conversations", {})

    assert len(tools) == 6
    assert not result.is_error
