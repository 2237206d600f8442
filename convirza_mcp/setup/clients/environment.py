"""The environment of a server: the variables that its client passes, and those that `install` copies to its entry.

Clients pass almost no variables. By default, a client is assumed to pass none: a terminal cannot know which of its
variables a desktop program has, and clients on the protocol's own SDKs pass only a few system variables, such as HOME
and PATH.
"""

import os
import re
from collections.abc import Callable, Mapping
from pathlib import Path

from convirza_mcp.text.typed import strip_wrapping

Inherited = Callable[[Mapping[str, str]], dict[str, str]]
"""Returns the client's variables that a server gets, besides system variables such as HOME and PATH."""

# Both as observed in November 2026: Codex 0.171 and Gemini CLI 0.61.
_CODEX = (
    "CURL_CA_BUNDLE",
    "LANG",
    "LC_ALL",
    "NODE_EXTRA_CA_CERTS",
    "REQUESTS_CA_BUNDLE",
    "SSL_CERT_FILE",
    "TMPDIR",
    "TZ",
)
_SECRET_FOR_GEMINI = re.compile(r"TOKEN|SECRET|PASSW|KEY|AUTH|CREDENTIAL|CREDS|PRIVATE|CERT", re.IGNORECASE)
_WITH_PASSWORD = re.compile(r"[a-z]+://[^/\s]*@", re.IGNORECASE)


def pass_nothing(environ: Mapping[str, str]) -> dict[str, str]:
    """Return no variables, as for desktop clients, which do not start in a terminal, and clients on the SDKs."""
    return {}


def pass_all(environ: Mapping[str, str]) -> dict[str, str]:
    """Return all variables, as for a client that starts in a terminal and passes everything."""
    return dict(environ)


def by_codex(environ: Mapping[str, str]) -> dict[str, str]:
    """Return Codex's short list, with one of the two certificate variables, and no proxy."""
    return {name: environ[name] for name in _CODEX if name in environ}


def by_gemini_cli(environ: Mapping[str, str]) -> dict[str, str]:
    """Return all variables except those that look like secrets; Gemini CLI takes SSL_CERT_FILE for one."""
    return {
        name: text
        for name, text in environ.items()
        if not _SECRET_FOR_GEMINI.search(name) and not _WITH_PASSWORD.search(text)
    }


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
    given = {name: text for name in SETTINGS if (text := strip_wrapping(environ.get(name, "")))}
    if LINES_FILE in given:
        given[LINES_FILE] = _absolute([given[LINES_FILE]])
    if demo:
        return given
    for name in NETWORK:
        text = environ.get(name, "").strip()
        if text and name not in variables_with_password(environ):
            given[name] = _absolute(text.split(os.pathsep)) if name in CERTIFICATES else text
    return given


def _absolute(paths: list[str]) -> str:
    """Return a list of paths with each as an absolute path, for a program in another folder."""
    # A path that names no file is reported when it is read.
    full = (os.path.expanduser(each) for each in paths)  # noqa: PTH111 - Path.expanduser raises for an unknown user
    return os.pathsep.join(str(Path(each).absolute()) for each in full)


def variables_with_password(environ: Mapping[str, str]) -> list[str]:
    """Return the proxies that must not go into a file that others may read; only `@` indicates a password."""
    return [name for name in PROXIES if "@" in environ.get(name, "")]
