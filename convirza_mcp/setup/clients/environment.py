"""The variables that `install` copies to an entry, because clients pass almost no variables to a server."""

import os
from collections.abc import Mapping
from pathlib import Path

from convirza_mcp.text.typed import strip_wrapping

LINES_FILE = "CONVIRZA_LINES_FILE"
SETTINGS = ("CONVIRZA_TIMEZONE", "CONVIRZA_BUSINESS_HOURS", "CONVIRZA_HOLIDAYS", LINES_FILE, "CONVIRZA_PRIVACY")
"""Variables to copy. The privacy mode too; otherwise the installed server would expose what the user chose to hide."""

PROXIES = ("HTTPS_PROXY", "https_proxy", "ALL_PROXY", "all_proxy", "NO_PROXY", "no_proxy")
CERTIFICATES = ("SSL_CERT_FILE", "SSL_CERT_DIR")
NETWORK = (*PROXIES, *CERTIFICATES)
"""Network variables, without which a server may not reach Convirza although this terminal does."""


def environment_to_copy(environ: Mapping[str, str], *, demo: bool) -> dict[str, str]:
    """Return the variables to copy to an entry; the demo needs no network variables.

    Paths become absolute, and a value with a password is not copied.
    """
    given = {name: text for name in SETTINGS if (text := environ.get(name, "").strip())}
    if LINES_FILE in given:
        given[LINES_FILE] = _absolute([strip_wrapping(given[LINES_FILE])])
    if demo:
        return given
    for name in NETWORK:
        text = environ.get(name, "").strip()
        if text and name not in variables_with_password(environ):
            given[name] = _absolute(text.split(os.pathsep)) if name in CERTIFICATES else text
    return given


def _absolute(paths: list[str]) -> str:
    """Return a list of paths with each as an absolute path, for a program in another folder."""
    # A Path's `expanduser` raises for an unknown user. What then names no file is reported when it is read.
    return os.pathsep.join(str(Path(os.path.expanduser(each)).absolute()) for each in paths)  # noqa: PTH111


def variables_with_password(environ: Mapping[str, str]) -> list[str]:
    """Return the proxies that must not go into a file that others may read; only `@` indicates a password."""
    return [name for name in PROXIES if "@" in environ.get(name, "")]
