"""Requests and responses: connections, retries, limits, and what a failure means."""
