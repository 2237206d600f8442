"""Requests and responses: connections, retries, limits and failures."""
