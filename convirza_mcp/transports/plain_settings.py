"""Recognize settings that are certainly valid, without importing the modules that read them.

Importing those takes longer than everything else before the first answer. `Settings` reads all values and decides;
plain ones while the client already has its first answers.
"""

import os
import re
from collections.abc import Mapping

_ADDRESS = (
    r"(https://([a-z]{1,12}(-[a-z]{1,12})?\.){1,2}[a-z]{2,9}"
    r"|http://(127\.0\.0\.1|localhost)(:[1-9][0-9]{1,3}|:[1-5][0-9]{4}|:6[0-4][0-9]{3})?)(/[a-z0-9]{1,9})?"
)
_PLAIN = {
    "CONVIRZA_TOKEN": r"[A-Za-z0-9._~+/=-]{8,4096}",
    "CONVIRZA_BASE_URL": _ADDRESS,
    "CONVIRZA_OAUTH_URL": _ADDRESS,
    "CONVIRZA_TIMEZONE": r"[A-Z][a-z]+/[A-Z][A-Za-z_]+",
    "CONVIRZA_BUSINESS_HOURS": r"(Mon|Tue)-(Fri|Sat|Sun) 0[0-9]:[0-5][0-9]-1[0-9]:[0-5][0-9]",
    "CONVIRZA_MAX_RESULT_TOKENS": r"[2-9][0-9]{3}|[1-9][0-9]{4}",
    "CONVIRZA_OUTPUT": r"both|text",
    "CONVIRZA_PRIVACY": r"off|mask|strict",
    "CONVIRZA_TIMEOUT": r"[1-9][0-9]?",
    "CONVIRZA_MAX_CALLS_PER_MINUTE": r"[0-9]{1,3}",
    "CONVIRZA_DEMO": r"true|false",
    "CONVIRZA_FRONT": r"on|off",
}
_ZONES = "/usr/share/zoneinfo"


def are_plain(environ: Mapping[str, str]) -> bool:
    """Return whether `Settings` surely takes each `CONVIRZA_*` variable."""
    given = {name: text for name, text in environ.items() if name.startswith("CONVIRZA_")}
    if not all(name in _PLAIN and re.fullmatch(_PLAIN[name], text) for name, text in given.items()):
        return False
    zone = given.get("CONVIRZA_TIMEZONE")
    return zone is None or ("PYTHONTZPATH" not in environ and os.path.isfile(f"{_ZONES}/{zone}"))  # noqa: PTH113 - pathlib is slow to import
