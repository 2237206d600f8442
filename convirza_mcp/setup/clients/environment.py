"""What of an environment a server gets: what its client passes on, and what `install` copies into its entry.

Clients pass on next to nothing. Unless something else is known of a client, it is taken to pass on nothing: what a
program with a window has of a terminal's variables cannot be told from that terminal, and clients on the protocol's own
SDKs add only the system's few, such as HOME and PATH.
"""

import os
import re
from collections.abc import Callable, Mapping
from pathlib import Path

Inherited = Callable[[Mapping[str, str]], dict[str, str]]
"""The client's variables that a server gets, besides those of the system such as HOME and PATH."""

# Both as seen in November 2026: Codex 0.171 and Gemini CLI 0.61.
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


def nothing(environ: Mapping[str, str]) -> dict[str, str]:
    """Of clients with a window, which are not started in a terminal, and of those on the SDKs."""
    return {}


def everything(environ: Mapping[str, str]) -> dict[str, str]:
    """Of a client that is started in a terminal, and leaves nothing out."""
    return dict(environ)


def by_codex(environ: Mapping[str, str]) -> dict[str, str]:
    """A short list, with one of the two variables for certificates, and no proxy."""
    return {name: environ[name] for name in _CODEX if name in environ}


def by_gemini_cli(environ: Mapping[str, str]) -> dict[str, str]:
    """All but what looks like a secret; it takes SSL_CERT_FILE for one."""
    return {
        name: text
        for name, text in environ.items()
        if not _SECRET_FOR_GEMINI.search(name) and not _WITH_PASSWORD.search(text)
    }


SETTINGS = ("CONVIRZA_TIMEZONE", "CONVIRZA_BUSINESS_HOURS", "CONVIRZA_PRIVACY")
"""The privacy mode too: otherwise the installed server would expose what the user chose to hide."""

PROXIES = ("HTTPS_PROXY", "https_proxy", "ALL_PROXY", "all_proxy", "NO_PROXY", "no_proxy")
CERTIFICATES = ("SSL_CERT_FILE", "SSL_CERT_DIR")
NETWORK = (*PROXIES, *CERTIFICATES)
"""Without these a server may reach nobody, where this terminal does."""


def environment_to_copy(environ: Mapping[str, str], *, demo: bool) -> dict[str, str]:
    """The variables that go into an entry, which for the demo needs no network.

    Paths are made whole, and no password is taken along.
    """
    given = {name: text for name in SETTINGS if (text := environ.get(name, "").strip())}
    if demo:
        return given
    for name in NETWORK:
        text = environ.get(name, "").strip()
        if text and not has_password(text):
            given[name] = _whole(text) if name in CERTIFICATES else text
    return given


def _whole(paths: str) -> str:
    """Each path of a list made whole, as a program in another folder needs it."""
    try:
        return os.pathsep.join(str(Path(each).expanduser().absolute()) for each in paths.split(os.pathsep))
    except RuntimeError:
        # Nobody here has the home that it names.
        return paths


def variables_with_password(environ: Mapping[str, str]) -> list[str]:
    """The variables of the network that cannot go into a file that others may read."""
    return [name for name in PROXIES if has_password(environ.get(name, ""))]


def has_password(address: str) -> bool:
    """Whether a proxy's address says who is asking: nothing else in it has that sign."""
    return "@" in address
