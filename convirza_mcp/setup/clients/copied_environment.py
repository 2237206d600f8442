"""What an entry takes along from the environment it is made in: clients hand on next to nothing of their own."""

import os
from collections.abc import Mapping
from pathlib import Path

SETTINGS = ("CONVIRZA_TIMEZONE", "CONVIRZA_BUSINESS_HOURS", "CONVIRZA_PRIVACY")
"""A privacy mode that were left behind would show what somebody meant to hide."""

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
