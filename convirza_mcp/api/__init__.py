"""Convirza over HTTP: client, queries and answers. Knows nothing of MCP."""
