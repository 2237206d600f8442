"""Convirza over HTTP: the client, what it may ask, what it answers. Knows nothing of MCP."""
