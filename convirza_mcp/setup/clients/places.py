"""Locations of the clients' configuration files on each system.

Pure: a path is a function of the system, the home folder and the environment, so tests on any system cover all.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import PurePath, PurePosixPath, PureWindowsPath
from typing import Literal

Platform = Literal["darwin", "win32", "linux"]


@dataclass(frozen=True, slots=True)
class Machine:
    """System, home folder and environment; every system except macOS and Windows counts as linux."""

    platform: Platform
    home: str
    environment: Mapping[str, str]

    @property
    def home_folder(self) -> PurePath:
        return self._path(self.home)

    @property
    def application_data(self) -> PurePath:
        """Return the folder for settings of desktop programs."""
        match self.platform:
            case "darwin":
                return self.home_folder / "Library" / "Application Support"
            case "win32":
                return self.given("APPDATA") or self.home_folder / "AppData" / "Roaming"
            case "linux":
                return self.xdg_configuration

    @property
    def xdg_configuration(self) -> PurePath:
        return self.given("XDG_CONFIG_HOME") or self.home_folder / ".config"

    def given(self, variable: str) -> PurePath | None:
        """Return the folder in a variable; a relative one is ignored, as the XDG rules require."""
        path = self._path(self.environment.get(variable, "").strip())
        return path if path.is_absolute() else None

    def _path(self, text: str) -> PurePath:
        return PureWindowsPath(text) if self.platform == "win32" else PurePosixPath(text)


@dataclass(frozen=True, slots=True)
class Place:
    """A possible configuration file of a client.

    A `*` in `folder` matches folders on disk. The client is installed if the file or the folder `sign` exists; the
    default is the file's folder.
    """

    folder: PurePath
    name: str
    sign: PurePath | None = None

    @property
    def is_pattern(self) -> bool:
        return any("*" in part for part in self.folder.parts)


def claude_desktop(machine: Machine) -> tuple[Place, ...]:
    name = "claude_desktop_config.json"
    usual = Place(machine.application_data / "Claude", name)
    if machine.platform != "win32":
        return (usual,)
    # The installer of 2026 is an MSIX package: Windows redirects %APPDATA% to the package's own folder, and the program
    # never reads the usual one.
    local_data = machine.given("LOCALAPPDATA") or machine.home_folder / "AppData" / "Local"
    packaged = local_data / "Packages" / "Claude_*" / "LocalCache" / "Roaming" / "Claude"
    return (Place(packaged, name), usual)


def claude_code(machine: Machine) -> tuple[Place, ...]:
    name = ".claude.json"
    if (moved := machine.given("CLAUDE_CONFIG_DIR")) is not None:
        return (Place(moved, name),)
    home = machine.home_folder
    return (Place(home, name, sign=home / ".claude"),)


def vscode(machine: Machine) -> tuple[Place, ...]:
    """Return the default profile's file; other profiles have their own in `profiles/`."""
    name = "mcp.json"
    if (portable := machine.given("VSCODE_PORTABLE")) is not None:
        return (Place(portable / "user-data" / "User", name),)
    usual = Place(machine.application_data / "Code" / "User", name)
    if machine.platform != "linux":
        return (usual,)
    flatpak = machine.home_folder / ".var" / "app" / "com.visualstudio.code" / "config" / "Code" / "User"
    return (usual, Place(flatpak, name))


def goose(machine: Machine) -> tuple[Place, ...]:
    name = "config.yaml"
    if machine.platform == "win32":
        return (Place(machine.application_data / "Block" / "goose" / "config", name),)
    return (Place(machine.xdg_configuration / "goose", name),)
