"""What a client hands on of its own environment to the servers that it starts.

Where nothing is said of a client, it is next to nothing: what a program with a window has of a terminal's variables
cannot be told from that terminal, and clients on the protocol's own SDKs hand on the system's few besides.
"""

import re
from collections.abc import Callable, Mapping

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
