"""Find the one proxy that counts for an address.

httpx2 sets up every proxy that the environment names when a client is created, so a variable that does not even apply
could keep it from connecting. Names and precedence are those of `urllib.request.getproxies`, which falls back on the
system's settings on Windows and macOS.
"""

import os
from ipaddress import ip_address, ip_network
from urllib.request import getproxies

from httpx2 import URL

_VARIABLES = {"https": ("https_proxy", "HTTPS_PROXY"), "all": ("all_proxy", "ALL_PROXY")}


def proxy_for(url: URL) -> tuple[str, str] | None:
    """Return the proxy for an https `url`, and the setting that names it; None to connect directly.

    HTTPS_PROXY comes before ALL_PROXY. A missing `http://` is added.
    """
    proxies = getproxies()
    if _is_exempt(url, proxies.get("no", "")):
        return None
    for scheme in ("https", "all"):
        if address := proxies.get(scheme):
            names = (name for name in _VARIABLES[scheme] if os.environ.get(name) == address)
            return address if "://" in address else f"http://{address}", next(names, "the system's proxy")
    return None


def _is_exempt(url: URL, no_proxy: str) -> bool:
    """Whether NO_PROXY lists the host: its name, a domain above it, its address or a network, perhaps with the port."""
    host, port = url.host.lower(), url.port or 443
    for entry in no_proxy.lower().split(","):
        name = entry.strip().rpartition("://")[2]
        if name == "*":
            return True
        if _holds(name, host):
            return True
        bare, colon, number = name.rpartition(":")
        if colon and number == str(port):
            name = bare
        domain = name.strip("[]").removeprefix("*").lstrip(".")
        if domain and (host == domain or host.endswith(f".{domain}")):
            return True
    return False


def _holds(network: str, host: str) -> bool:
    try:
        return ip_address(host) in ip_network(network.strip("[]"), strict=False)
    except ValueError:
        return False
