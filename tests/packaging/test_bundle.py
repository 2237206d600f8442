"""The bundle for Claude Desktop: what it says of the product, and the server as its form starts it."""

import struct
import zlib
from pathlib import Path
from typing import Any

import pytest
from mcp import Client
from mcp.client.stdio import stdio_client
from mcp.shared.exceptions import MCPError
from mcp_types import PromptReference

from convirza_mcp.settings import VARIABLES, Settings, without_blanks
from convirza_mcp.tools import all_tools
from support.packages import BUNDLE, PLUGIN, PROJECT, ROOT, document, script, started
from support.snapshots import Snapshot

MANIFEST: dict[str, Any] = document(BUNDLE / "manifest.json")
CONFIG: dict[str, Any] = MANIFEST["server"]["mcp_config"]
FIELDS: dict[str, Any] = MANIFEST["user_config"]
# What comes after the program's name.
ARGUMENTS = CONFIG["args"][CONFIG["args"].index("convirza-mcp") + 1 :]


def filled_in(values: dict[str, str]) -> dict[str, str]:
    """The environment that Claude Desktop makes of the form: what has no value stays the reference to it."""
    values = {name: _text(field["default"]) for name, field in FIELDS.items() if "default" in field} | values
    environment = dict(CONFIG["env"])
    for name, value in values.items():
        for variable, text in environment.items():
            environment[variable] = text.replace(f"${{user_config.{name}}}", value)
    return environment


def _text(value: Any) -> str:
    return str(value).lower() if isinstance(value, bool) else value


def test_the_manifest_names_every_tool() -> None:
    assert [tool["name"] for tool in MANIFEST["tools"]] == [tool.name for tool in all_tools()]


def test_every_field_reaches_a_variable_that_is_read() -> None:
    assert CONFIG["env"] == {f"CONVIRZA_{name.upper()}": f"${{user_config.{name}}}" for name in FIELDS}
    assert set(CONFIG["env"]) <= set(VARIABLES)
    assert [name for name, field in FIELDS.items() if field.get("sensitive")] == ["token"]
    # The demo needs none of them.
    assert not [name for name, field in FIELDS.items() if field["required"]]


def test_the_manifest_takes_the_pythons_that_the_package_takes() -> None:
    assert MANIFEST["compatibility"]["runtimes"] == {"python": PROJECT["requires-python"]}
    assert MANIFEST["license"] == PROJECT["license"]


def test_uv_is_told_to_run_and_nothing_that_only_uvx_knows() -> None:
    # Claude Desktop runs its own uv with these, whatever the command says.
    assert [CONFIG["command"], *CONFIG["args"]] == [
        *("uv", "run", "--directory", "${__dirname}", "--extra", "holidays"),
        *("convirza-mcp", "serve", "--from-form"),
    ]


@pytest.mark.parametrize(
    "values",
    [{}, dict.fromkeys(FIELDS, ""), dict.fromkeys(FIELDS, " "), {name: f"${{user_config.{name}}}" for name in FIELDS}],
    ids=["never opened", "emptied", "blank", "without defaults"],
)
def test_a_form_left_blank_sets_nothing(values: dict[str, str]) -> None:
    assert Settings.from_environment(without_blanks(filled_in(values))) == Settings.from_environment({})


@pytest.mark.long
async def test_the_server_starts_with_the_form_left_blank() -> None:
    async with Client(started(ARGUMENTS, filled_in(dict.fromkeys(FIELDS, "")))) as client:
        tools = (await client.list_tools()).tools
        result = await client.call_tool("list_sms_conversations", {})

    assert [tool.name for tool in tools] == [tool.name for tool in all_tools()]
    # It has no login here; the first call says what to do.
    assert result.is_error
    assert "convirza-mcp login" in str(result.content)


@pytest.mark.long
async def test_the_demo_switch_is_all_that_the_demo_needs() -> None:
    values = {"demo": "true", "timezone": "America/Denver", "privacy": "mask", "token": "not a token"}

    async with Client(started(ARGUMENTS, filled_in(values))) as client:
        result = await client.call_tool("list_sms_conversations", {"start": "30d"})

    assert result.structured_content is not None
    assert len(result.structured_content["rows"]) == 7
    assert result.structured_content["window"].endswith(" America/Denver")
    assert result.structured_content["privacy"].startswith("mask")


BAD = {
    "timezone": "Mountain Time",
    "business_hours": "nine to five",
    "holidays": "nowhere",
    "lines_file": "/no/such/file",
    "privacy": "yes",
    "token": "two words",
    "demo": "perhaps",
}


@pytest.mark.long
@pytest.mark.parametrize("demo", ["false", "true"])
async def test_what_is_wrong_in_the_form_is_said_where_its_owner_looks(
    demo: str, tmp_path: Path, snapshot: Snapshot
) -> None:
    values = BAD | {"demo": demo}

    with (tmp_path / "log").open("w+") as log:
        async with Client(stdio_client(started(ARGUMENTS, filled_in(values)), errlog=log)) as client:
            tools = (await client.list_tools()).tools
            result = await client.call_tool("summarize_sms_inbox", {})
            with pytest.raises(MCPError) as refused:
                await client.read_resource("convirza://sms/inbox")
            completed = await client.complete(PromptReference(name="morning_digest"), {"name": "agent", "value": ""})
        log.seek(0)
        said = log.read()

    (block,) = result.content
    # The demo does not mind whose inbox the rest would have been about.
    snapshot(block.text)
    assert len(tools) == len(all_tools())
    assert result.is_error
    assert refused.value.error.message == block.text
    # What is known without reading anything.
    assert completed.completion.values == ["none"]
    assert said.startswith(f"convirza-mcp: {block.text.removesuffix(' [settings]')}\n")


@pytest.mark.long
@pytest.mark.parametrize("name", BAD)
async def test_each_wrong_value_is_named(name: str, snapshot: Snapshot) -> None:
    async with Client(started(ARGUMENTS, filled_in({name: BAD[name]}))) as client:
        result = await client.call_tool("list_sms_conversations", {})

    assert result.is_error
    snapshot([block.text for block in result.content])


@pytest.mark.long
@pytest.mark.parametrize(
    ("given", "beginning"),
    [
        ({"SSL_CERT_FILE": "/no/such/file"}, "The connection cannot be set up. SSL_CERT_FILE takes "),
        ({"HTTPS_PROXY": "http://ana:Secret#9@proxy.example"}, "The connection cannot be set up. HTTPS_PROXY "),
        ({"CONVIRZA_TOKEN_FILE": "t" * 400}, "CONVIRZA_TOKEN_FILE takes the path of a file "),
        ({"CONVIRZA_BASE_URL": "https://999.1.1.1"}, "CONVIRZA_BASE_URL takes an https address "),
    ],
)
async def test_what_else_is_wrong_on_this_computer_is_said_too(given: dict[str, str], beginning: str) -> None:
    async with Client(started(ARGUMENTS, filled_in({}) | {"CONVIRZA_TOKEN": "t"} | given)) as client:
        result = await client.call_tool("list_sms_conversations", {})

    assert result.is_error
    assert [block.text[: len(beginning)] for block in result.content] == [beginning]
    assert "Secret" not in str(result.content)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    target = tmp_path_factory.mktemp("bundle") / "mcpb"
    script("build_mcpb").assemble(target)
    return target


def test_the_folder_holds_the_package_and_what_it_is_built_from(folder: Path) -> None:
    assert sorted(path.name for path in folder.iterdir()) == [
        *(".mcpbignore", "LICENSE", "README.md", "convirza_mcp", "icon.png", "manifest.json"),
        "pyproject.toml",
    ]
    assert (folder / MANIFEST["server"]["entry_point"]).is_file()
    there, here = ({path.relative_to(root) for path in _sources(root / "convirza_mcp")} for root in (folder, ROOT))
    assert there == here
    assert not list(folder.rglob("*.pyc"))


def _sources(folder: Path) -> list[Path]:
    return [path for path in folder.rglob("*") if path.is_file() and path.suffix != ".pyc"]


@pytest.mark.long
def test_the_icon_is_as_its_script_draws_it() -> None:
    icon = (BUNDLE / MANIFEST["icon"]).read_bytes()

    assert icon[:8] == b"\x89PNG\r\n\x1a\n"
    assert struct.unpack(">II", icon[16:24]) == (512, 512)
    # Compressed by another version of the library, the same picture is another file.
    length = struct.unpack(">I", icon[33:37])[0]
    assert zlib.decompress(icon[41 : 41 + length]) == script("draw_icon").rows()
    assert (PLUGIN / ".claude-plugin" / "icon.png").read_bytes() == icon
