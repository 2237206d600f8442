"""Check the settings separately, so that one invalid setting hides no other."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from convirza_mcp.settings import VARIABLES, Settings, invalid_variables, is_blank
from convirza_mcp.setup.doctor.finding import Finding
from convirza_mcp.transports.http.settings import HTTP_VARIABLES, misspelt_variables, refused_http_variables

NAME = "settings"

_ALL = (*VARIABLES, *HTTP_VARIABLES)


@dataclass(frozen=True, slots=True)
class ReadSettings:
    """Result of reading the settings. `settings` has defaults for refused variables; `refused` has the reasons.

    `given` are the variables that are set, including refused ones, and `misspelt` the unknown ones, each with the
    likely intended name.
    """

    settings: Settings
    given: tuple[str, ...]
    refused: Mapping[str, str]
    misspelt: Mapping[str, str]


def read_settings(environ: Mapping[str, str]) -> ReadSettings:
    refused = invalid_variables(environ) | refused_http_variables(environ)
    usable = {name: environ[name] for name in VARIABLES if name in environ and name not in refused}
    given = tuple(name for name in _ALL if name in refused or not is_blank(environ.get(name, "")))
    return ReadSettings(Settings.from_environment(usable), given, refused, misspelt_variables(environ))


def check_settings(read: ReadSettings) -> Finding:
    faults = [
        *(f"{name} cannot be used" for name in read.refused),
        *(f"{name} is not a setting, and is ignored" for name in read.misspelt),
    ]
    if faults:
        remedies = [*read.refused.values(), *(f"Rename it to {meant}." for meant in read.misspelt.values())]
        return Finding.fault(NAME, f"{'; '.join(faults)}.", " ".join(remedies))
    if not read.given:
        return Finding.good(NAME, "No settings are set; all defaults apply.")
    return Finding.good(NAME, f"{join_names(read.given)} can be used; all other settings have their defaults.")


def join_names(words: Iterable[str]) -> str:
    """Return `a, b and c`."""
    *most, last = words
    return f"{', '.join(most)} and {last}" if most else last
