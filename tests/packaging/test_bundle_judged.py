"""What the tool that packs bundles says of ours, and the packed one started by uv as Claude Desktop starts it."""

import sys
import zipfile
from pathlib import Path

import pytest
from mcp import Client, StdioServerParameters

from convirza_mcp.server.prompts import PROMPTS
from judges.installed import ask, needs_judges, program
from support.packages import BUNDLE, ROOT, document, script
from support.processes import environment

pytestmark = needs_judges


@pytest.fixture(scope="module")
def bundle(tmp_path_factory: pytest.TempPathFactory) -> Path:
    home = tmp_path_factory.mktemp("packing")
    folder = home / "mcpb"
    script("build_mcpb").assemble(folder)
    # What trying it there leaves behind stays out.
    (folder / "uv.lock").write_text("", encoding="utf-8")
    (folder / ".venv").mkdir()
    (folder / ".venv" / "pyvenv.cfg").write_text("", encoding="utf-8")

    ended = ask("@anthropic-ai/mcpb", "pack", str(folder), "convirza-mcp.mcpb", home=home)

    assert (ended.returncode, ended.stderr) == (0, ""), ended.stdout
    assert "Manifest schema validation passes!" in ended.stdout
    return home / "convirza-mcp.mcpb"


def test_the_manifest_is_valid(tmp_path: Path) -> None:
    ended = ask("@anthropic-ai/mcpb", "validate", str(BUNDLE / "manifest.json"), home=tmp_path)

    assert (ended.returncode, ended.stderr) == (0, "")
    assert ended.stdout.startswith("Manifest schema validation passes!\n")
    assert "Icon validation passed." in ended.stdout


def test_the_bundle_holds_what_it_should(bundle: Path) -> None:
    with zipfile.ZipFile(bundle) as archive:
        names = set(archive.namelist())

    assert {name.partition("/")[0] for name in names} == {
        *("LICENSE", "README.md", "convirza_mcp", "icon.png", "manifest.json", "pyproject.toml")
    }
    modules = {path.relative_to(ROOT).as_posix() for path in (ROOT / "convirza_mcp").rglob("*.py")}
    assert modules <= names


async def test_uv_starts_it_on_a_machine_that_has_only_uv_and_python(bundle: Path, tmp_path: Path) -> None:
    folder = tmp_path / "extension"
    with zipfile.ZipFile(bundle) as archive:
        archive.extractall(folder)
    manifest = document(folder / "manifest.json")
    config = manifest["server"]["mcp_config"]
    given = config["env"] | {"CONVIRZA_DEMO": "true"}
    # Kept apart from what this machine has; the certificates alone are the system's, as a proxy may need.
    apart = {
        "HOME": str(tmp_path),
        "UV_CACHE_DIR": str(tmp_path / "cache"),
        "UV_PYTHON": sys.executable,
        "UV_PYTHON_DOWNLOADS": "never",
        "UV_SYSTEM_CERTS": "1",
    }
    server = StdioServerParameters(
        command=program("uv"),
        args=[argument.replace("${__dirname}", str(folder)) for argument in config["args"]],
        env=environment(**given, **apart),
        cwd=tmp_path,
    )

    async with Client(server) as client:
        tools = (await client.list_tools()).tools
        prompts = (await client.list_prompts()).prompts
        result = await client.call_tool("summarize_sms_inbox", {})

    assert [tool.name for tool in tools] == [tool["name"] for tool in manifest["tools"]]
    assert [prompt.name for prompt in prompts] == [*PROMPTS]
    assert result.structured_content is not None
    assert result.structured_content["coverage"]["complete"] is True
