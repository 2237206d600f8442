"""One version and one owner: what other programs read says the same as pyproject.toml."""

import json
import re
import shutil
from base64 import b64decode
from importlib.metadata import version
from pathlib import Path
from urllib.parse import parse_qs, unquote, urlsplit

import pytest

from support.packages import BUNDLE, PLUGIN, PROJECT, ROOT, document, script

VERSION = PROJECT["version"]
OWNER = PROJECT["urls"]["Repository"].split("/")[3]
README = (ROOT / "README.md").read_text(encoding="utf-8")
DOCKERFILE = (ROOT / "Dockerfile").read_text(encoding="utf-8")
LINKS = dict(re.findall(r"^\[one-click-([\w-]+)\]: (\S+)$", README, re.MULTILINE))
STARTS = ["uvx", f"convirza-mcp=={VERSION}", "serve", "--from-form"]

stamp = script("stamp_packages")


def test_every_file_is_as_the_script_would_write_it() -> None:
    assert {path for path, text in stamp.stamped().items() if path.read_text(encoding="utf-8") != text} == set()


def test_there_is_one_version() -> None:
    registry, plugin_server = document(ROOT / "server.json"), document(PLUGIN / ".mcp.json")["mcpServers"]["convirza"]

    assert {
        "installed": version("convirza-mcp"),
        "server.json": registry["version"],
        "server.json's package": registry["packages"][0]["version"],
        "bundle": document(BUNDLE / "manifest.json")["version"],
        "plugin": document(PLUGIN / ".claude-plugin" / "plugin.json")["version"],
        "plugin's server": plugin_server["args"][0].removeprefix("convirza-mcp=="),
        "image": label("org.opencontainers.image.version"),
        "changelog": re.findall(r"^## (\S+)", (ROOT / "CHANGELOG.md").read_text(encoding="utf-8"), re.MULTILINE)[0],
        "bundle's link": LINKS["claude-desktop"].rpartition("/v")[2].partition("/")[0],
        "bundle's file": LINKS["claude-desktop"].rpartition("convirza-mcp-")[2].removesuffix(".mcpb"),
    } == dict.fromkeys(
        (
            *("installed", "server.json", "server.json's package", "bundle", "plugin", "plugin's server"),
            *("image", "changelog", "bundle's link", "bundle's file"),
        ),
        VERSION,
    )


def label(name: str) -> str:
    found = re.search(rf'{re.escape(name)}="([^"]*)"', DOCKERFILE)
    assert found is not None
    return found[1]


def test_all_files_name_the_same_repository_owner() -> None:
    named = re.compile(
        r"github(?:usercontent)?\.com/([A-Za-z0-9-]+)/convirza-mcp|io\.github\.([A-Za-z0-9-]+)/convirza-mcp"
        r"|--marketplace ([A-Za-z0-9-]+)/convirza-mcp"
    )
    sources = [
        *(ROOT / name for name in ("README.md", "Dockerfile", "server.json", "pyproject.toml", "CONTRIBUTING.md")),
        *(path for path in (ROOT / "packaging").rglob("*") if path.suffix in (".json", ".md")),
        ROOT / ".claude-plugin" / "marketplace.json",
    ]
    owners = {
        path.relative_to(ROOT).as_posix(): {owner for found in named.findall(text) for owner in found if owner}
        for path in sources
        if named.search(text := path.read_text(encoding="utf-8"))
    }

    files = (
        *("README.md", "Dockerfile", "server.json", "pyproject.toml", "packaging/mcpb/manifest.json"),
        *("packaging/claude-plugin/.claude-plugin/plugin.json", "packaging/claude-plugin/README.md"),
    )
    assert owners == {file: {OWNER} for file in files}
    assert document(ROOT / ".claude-plugin" / "marketplace.json")["owner"] == {"name": OWNER}
    assert document(BUNDLE / "manifest.json")["author"] == {"name": OWNER}


def test_the_registry_can_see_whose_package_and_image_it_is() -> None:
    name = f"io.github.{OWNER}/convirza-mcp"

    assert document(ROOT / "server.json")["name"] == name
    assert label("io.modelcontextprotocol.server.name") == name
    assert README.splitlines()[-1] == f"<!-- mcp-name: {name} -->"


def test_cursors_link_adds_the_server() -> None:
    address = urlsplit(LINKS["cursor"])
    asked = {name: values[0] for name, values in parse_qs(address.query, strict_parsing=True).items()}

    assert (address.scheme, address.netloc, address.path) == ("https", "cursor.com", "/en/install-mcp")
    assert asked["name"] == "convirza"
    assert json.loads(b64decode(asked["config"], validate=True)) == {
        "type": "stdio",
        "command": STARTS[0],
        "args": STARTS[1:],
    }


def test_vs_codes_link_adds_the_server_and_asks_for_the_token() -> None:
    address = urlsplit(LINKS["vscode"])
    (inner,) = parse_qs(address.query, strict_parsing=True)["url"]

    assert (address.scheme, address.netloc, address.path) == ("https", "vscode.dev", "/redirect")
    assert inner.startswith("vscode:mcp/install?")
    assert json.loads(unquote(inner.partition("?")[2])) == {
        "name": "convirza",
        "inputs": [
            {"type": "promptString", "id": "convirza-token", "description": "Convirza bearer token", "password": True}
        ],
        "type": "stdio",
        "command": STARTS[0],
        "args": STARTS[1:],
        "env": {"CONVIRZA_TOKEN": "${input:convirza-token}"},
    }


@pytest.fixture
def elsewhere(tmp_path: Path) -> Path:
    """A copy of the files, of another owner and a later version."""
    for path in [*stamp.stamped(), ROOT / "pyproject.toml"]:
        copy = tmp_path / path.relative_to(ROOT)
        copy.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(path, copy)
    file = tmp_path / "pyproject.toml"
    text = file.read_text(encoding="utf-8").replace(f'version = "{VERSION}"', 'version = "12.34.56"', 1)
    file.write_text(text.replace(f"github.com/{OWNER}/", "github.com/new-owner/"), encoding="utf-8")
    return tmp_path


def test_a_new_version_and_a_new_owner_reach_every_file(elsewhere: Path) -> None:
    for path, text in stamp.stamped(elsewhere).items():
        path.write_text(text, encoding="utf-8")

    written = {path.relative_to(elsewhere).as_posix(): text for path, text in stamp.stamped(elsewhere).items()}
    assert all((elsewhere / name).read_text(encoding="utf-8") == text for name, text in written.items())
    for name, text in written.items():
        assert f"{OWNER}/convirza-mcp" not in text, name
        assert not re.search(rf'(convirza-mcp(==|-|/download/v)|version"?[:=] ?"){re.escape(VERSION)}', text), name
        assert "new-owner" in text or "12.34.56" in text, name


def test_a_file_without_its_line_is_told(elsewhere: Path) -> None:
    readme = elsewhere / "README.md"
    readme.write_text(readme.read_text(encoding="utf-8").replace("<!-- mcp-name: ", "<!-- name: "), encoding="utf-8")

    with pytest.raises(ValueError, match=r"^README\.md: one line begins with <!-- mcp-name:$"):
        stamp.stamped(elsewhere)


def test_another_address_is_told(elsewhere: Path) -> None:
    file = elsewhere / "pyproject.toml"
    file.write_text(file.read_text(encoding="utf-8").replace("https://github.com/", "https://forge.example/"), "utf-8")

    with pytest.raises(ValueError, match="https://github.com/OWNER/convirza-mcp"):
        stamp.stamped(elsewhere)
