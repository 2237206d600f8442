"""A local stand-in for the Convirza SMS inbox API, served over real HTTP on loopback with a seeded inbox.

It behaves as Convirza's documentation says, and shares no code with the rest of the package, so that no mistake there
can hide in it. Where the documentation is silent, a variant switches to the other answer.
"""

from convirza_mcp.sandbox.http.exchange import ReceivedRequest, RefusalError
from convirza_mcp.sandbox.http.port import PortError
from convirza_mcp.sandbox.http.query import View
from convirza_mcp.sandbox.http.variants import VARIANTS
from convirza_mcp.sandbox.running import Page, Sandbox
from convirza_mcp.sandbox.seed.users import Login

__all__ = ["VARIANTS", "Login", "Page", "PortError", "ReceivedRequest", "RefusalError", "Sandbox", "View"]
