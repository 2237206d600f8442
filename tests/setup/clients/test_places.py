"""Where each client's file lies, on each system: as the clients' own documentation has it."""

from collections.abc import Mapping

import pytest

from convirza_mcp.setup.clients.known import CLIENTS
from convirza_mcp.setup.clients.places import Machine, Platform

MAC = "/Users/ana"
WINDOWS = r"C:\Users\ana"
LINUX = "/home/ana"
HOMES: dict[Platform, str] = {"darwin": MAC, "win32": WINDOWS, "linux": LINUX}
ROAMING = {"APPDATA": r"D:\Roaming", "LOCALAPPDATA": r"D:\Local"}
MSIX = r"C:\Users\ana\AppData\Local\Packages\Claude_*\LocalCache\Roaming\Claude\claude_desktop_config.json"


def files(client: str, platform: Platform, environment: Mapping[str, str] | None = None) -> list[str]:
    places = CLIENTS[client].places(Machine(platform, HOMES[platform], environment or {}))
    return [str(place.folder / place.name) for place in places]


@pytest.mark.parametrize(
    ("client", "mac", "windows", "linux"),
    [
        (
            "claude-desktop",
            [f"{MAC}/Library/Application Support/Claude/claude_desktop_config.json"],
            [MSIX, rf"{WINDOWS}\AppData\Roaming\Claude\claude_desktop_config.json"],
            [f"{LINUX}/.config/Claude/claude_desktop_config.json"],
        ),
        ("claude-code", [f"{MAC}/.claude.json"], [rf"{WINDOWS}\.claude.json"], [f"{LINUX}/.claude.json"]),
        ("cursor", [f"{MAC}/.cursor/mcp.json"], [rf"{WINDOWS}\.cursor\mcp.json"], [f"{LINUX}/.cursor/mcp.json"]),
        (
            "vscode",
            [f"{MAC}/Library/Application Support/Code/User/mcp.json"],
            [rf"{WINDOWS}\AppData\Roaming\Code\User\mcp.json"],
            [
                f"{LINUX}/.config/Code/User/mcp.json",
                f"{LINUX}/.var/app/com.visualstudio.code/config/Code/User/mcp.json",
            ],
        ),
        (
            "windsurf",
            [f"{MAC}/.codeium/windsurf/mcp_config.json"],
            [rf"{WINDOWS}\.codeium\windsurf\mcp_config.json"],
            [f"{LINUX}/.codeium/windsurf/mcp_config.json"],
        ),
        ("codex", [f"{MAC}/.codex/config.toml"], [rf"{WINDOWS}\.codex\config.toml"], [f"{LINUX}/.codex/config.toml"]),
        (
            "goose",
            [f"{MAC}/.config/goose/config.yaml"],
            [rf"{WINDOWS}\AppData\Roaming\Block\goose\config\config.yaml"],
            [f"{LINUX}/.config/goose/config.yaml"],
        ),
        (
            "gemini-cli",
            [f"{MAC}/.gemini/settings.json"],
            [rf"{WINDOWS}\.gemini\settings.json"],
            [f"{LINUX}/.gemini/settings.json"],
        ),
    ],
)
def test_each_client_s_file_is_where_its_documentation_says(
    client: str, mac: list[str], windows: list[str], linux: list[str]
) -> None:
    assert files(client, "darwin") == mac
    assert files(client, "win32") == windows
    assert files(client, "linux") == linux


@pytest.mark.parametrize(
    ("client", "platform", "environment", "expected"),
    [
        (
            "claude-desktop",
            "win32",
            ROAMING,
            [
                r"D:\Local\Packages\Claude_*\LocalCache\Roaming\Claude\claude_desktop_config.json",
                r"D:\Roaming\Claude\claude_desktop_config.json",
            ],
        ),
        ("vscode", "win32", ROAMING, [r"D:\Roaming\Code\User\mcp.json"]),
        ("vscode", "win32", {"VSCODE_PORTABLE": r"E:\code\data"}, [r"E:\code\data\user-data\User\mcp.json"]),
        ("goose", "win32", ROAMING, [r"D:\Roaming\Block\goose\config\config.yaml"]),
        ("claude-desktop", "linux", {"XDG_CONFIG_HOME": "/conf"}, ["/conf/Claude/claude_desktop_config.json"]),
        ("goose", "linux", {"XDG_CONFIG_HOME": "/conf"}, ["/conf/goose/config.yaml"]),
        ("codex", "linux", {"CODEX_HOME": "/x"}, ["/x/config.toml"]),
        ("claude-code", "linux", {"CLAUDE_CONFIG_DIR": "/x"}, ["/x/.claude.json"]),
        ("gemini-cli", "linux", {"GEMINI_CLI_HOME": "/x"}, ["/x/.gemini/settings.json"]),
        # Not where a relative path would lead to, and not for other systems.
        ("claude-code", "linux", {"CLAUDE_CONFIG_DIR": " "}, [f"{LINUX}/.claude.json"]),
        ("cursor", "linux", {"XDG_CONFIG_HOME": "/conf"}, [f"{LINUX}/.cursor/mcp.json"]),
        ("goose", "linux", {"XDG_CONFIG_HOME": "conf"}, [f"{LINUX}/.config/goose/config.yaml"]),
        (
            "claude-desktop",
            "darwin",
            {"XDG_CONFIG_HOME": "/conf"},
            [f"{MAC}/Library/Application Support/Claude/claude_desktop_config.json"],
        ),
    ],
)
def test_what_the_environment_moves(
    client: str, platform: Platform, environment: dict[str, str], expected: list[str]
) -> None:
    assert files(client, platform, environment) == expected
