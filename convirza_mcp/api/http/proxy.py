"""The proxy of the environment for an address: the one variable that counts for it."""

import os
from ipaddress import ip_address, ip_network
from urllib.request import getproxies

from httpx2 import URL

from convirza_mcp.text.typed import refuse_remains, strip_wrapping

_PROXY_VARIABLES = {"https": ("https_proxy", "HTTPS_PROXY"), "all": ("all_proxy", "ALL_PROXY")}


def proxy_for(url: URL) -> tuple[str, str] | None:
    """Return the proxy for an https `url`, and the variable that names it; None to connect directly.

    HTTPS_PROXY comes before ALL_PROXY. A missing `http://` is added.

    Raises:
        SettingsError: the proxy is a placeholder, or begins or ends with a quote.
    """
    proxies = getproxies()
    if _is_exempt(url, strip_wrapping(proxies.get("no", ""))):
        return None
    for scheme in ("https", "all"):
        given = proxies.get(scheme, "")
        if address := strip_wrapping(given):
            names = (name for name in _PROXY_VARIABLES[scheme] if os.environ.get(name) == given)
            name = next(names, "the system's proxy")
            refuse_remains(address, name)
            return address if "://" in address else f"http://{address}", name
    return None


def _is_exempt(url: URL, no_proxy: str) -> bool:
    """Return whether NO_PROXY lists the host: its name, a parent domain, its address or network; a port is optional."""
    host, port = url.host.lower(), url.port or 443
    for entry in no_proxy.lower().replace(" ", ",").split(","):
        name = entry.strip().rpartition("://")[2]
        if name == "*" or _holds(name, host):
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
