"""Write version and owner from `pyproject.toml` into every file that repeats them.

    python scripts/stamp_packages.py

The owner stands in `[project.urls]`, in the repository's address. The files are those that other programs read: the
bundle's manifest, the registry's entry, the Claude Code plugin, the image's labels and the README's install links.
"""

import json
import re
import tomllib
from base64 import b64encode
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import quote, urlencode

from convirza_mcp.setup.clients.entry import DEFAULT_NAME, Entry, input_object, server_object
from convirza_mcp.setup.clients.known import CLIENTS

ROOT = Path(__file__).resolve().parent.parent
PACKAGE = "convirza-mcp"
_INSTALLS_PLUGIN = "> /plugin install convirza --marketplace "


@dataclass(frozen=True, slots=True)
class Release:
    """Names of a release."""

    version: str
    repository: str
    owner: str

    @classmethod
    def of(cls, root: Path) -> "Release":
        project = tomllib.loads((root / "pyproject.toml").read_text(encoding="utf-8"))["project"]
        repository = project["urls"]["Repository"]
        found = re.fullmatch(rf"https://github\.com/([A-Za-z0-9-]+)/{PACKAGE}", repository)
        if found is None:
            raise ValueError(f"pyproject.toml: the repository's address is https://github.com/OWNER/{PACKAGE}")
        return cls(project["version"], repository, found[1])

    @property
    def server_name(self) -> str:
        return f"io.github.{self.owner}/{PACKAGE}"

    @property
    def requirement(self) -> str:
        return f"{PACKAGE}=={self.version}"

    @property
    def bundle(self) -> str:
        return f"{self.repository}/releases/download/v{self.version}/{PACKAGE}-{self.version}.mcpb"

    def link(self, client_id: str) -> str:
        """Return the address that makes a client offer to add the server, with the entry that `install` would write."""
        client = CLIENTS[client_id]
        entry = Entry(
            DEFAULT_NAME,
            "uvx",
            (self.requirement, "serve", "--from-form"),
            asks_for_token=client.asks_for_secrets,
        )
        server = server_object(client, entry)
        if client_id == "cursor":
            config = b64encode(_compact(server).encode()).decode()
            return f"https://cursor.com/en/install-mcp?{urlencode({'name': entry.name, 'config': config})}"
        whole = {"name": entry.name, "inputs": [input_object(entry)]} | server
        # Pages that show a README allow only https addresses; this one redirects to VS Code's own.
        return f"https://vscode.dev/redirect?{urlencode({'url': f'vscode:mcp/install?{quote(_compact(whole))}'})}"


def _compact(value: Any) -> str:
    return json.dumps(value, separators=(",", ":"))


def _manifest(document: Any, release: Release) -> None:
    document["version"] = release.version
    document["author"]["name"] = release.owner
    document["repository"]["url"] = document["homepage"] = release.repository
    document["documentation"] = f"{release.repository}#readme"
    document["support"] = f"{release.repository}/issues"


def _registry(document: Any, release: Release) -> None:
    document["name"] = release.server_name
    document["version"] = release.version
    document["repository"]["url"] = release.repository
    for package in document["packages"]:
        package["version"] = release.version


def _plugin(document: Any, release: Release) -> None:
    document["version"] = release.version
    document["author"]["name"] = release.owner
    document["homepage"] = document["repository"] = release.repository


def _plugin_servers(document: Any, release: Release) -> None:
    document["mcpServers"][DEFAULT_NAME]["args"][0] = release.requirement


def _marketplace(document: Any, release: Release) -> None:
    document["owner"]["name"] = release.owner


_DOCUMENTS: dict[str, Callable[[Any, Release], None]] = {
    "server.json": _registry,
    "packaging/mcpb/manifest.json": _manifest,
    "packaging/claude-plugin/.claude-plugin/plugin.json": _plugin,
    "packaging/claude-plugin/.mcp.json": _plugin_servers,
    ".claude-plugin/marketplace.json": _marketplace,
}


def _lines(release: Release) -> dict[str, dict[str, str]]:
    """Return, by file, the start of each line to replace and its new rest."""
    of_release = f"{release.owner}/{PACKAGE}/{{}}v$HFPR_VERSION/"
    return {
        # Only to give README's links the same owner as all other files.
        "pyproject.toml": {
            "replacement = '\\1(https://raw.githubusercontent.com/": of_release.format("") + "\\2)'",
            "replacement = '](https://github.com/": of_release.format("blob/") + "\\1)'",
        },
        "Dockerfile": {
            "LABEL io.modelcontextprotocol.server.name=": f'"{release.server_name}" \\',
            "      org.opencontainers.image.version=": f'"{release.version}" \\',
            "      org.opencontainers.image.source=": f'"{release.repository}" \\',
        },
        "packaging/claude-plugin/README.md": {_INSTALLS_PLUGIN: f"{release.owner}/{PACKAGE}"},
        "README.md": {
            _INSTALLS_PLUGIN: f"{release.owner}/{PACKAGE}",
            "[one-click-claude-desktop]: ": release.bundle,
            "[one-click-cursor]: ": release.link("cursor"),
            "[one-click-vscode]: ": release.link("vscode"),
            "<!-- mcp-name: ": f"{release.server_name} -->",
        },
    }


def _with_line(text: str, start: str, rest: str, name: str) -> str:
    text, found = re.subn(f"^{re.escape(start)}.*$", lambda _: start + rest, text, flags=re.MULTILINE)
    if found != 1:
        raise ValueError(f"{name}: one line begins with {start.strip()}")
    return text


def stamped(root: Path = ROOT) -> dict[Path, str]:
    """Return every file that repeats a value, with the right value.

    Raises:
        ValueError: a file lacks a line to replace, or has it twice.
    """
    release = Release.of(root)
    files = {}
    for name, fill_in in _DOCUMENTS.items():
        document = json.loads((root / name).read_text(encoding="utf-8"))
        fill_in(document, release)
        files[root / name] = json.dumps(document, indent=2, ensure_ascii=False) + "\n"
    for name, lines in _lines(release).items():
        text = (root / name).read_text(encoding="utf-8")
        for start, rest in lines.items():
            text = _with_line(text, start, rest, name)
        files[root / name] = text
    return files


if __name__ == "__main__":
    for path, text in stamped().items():
        path.write_text(text, encoding="utf-8")
