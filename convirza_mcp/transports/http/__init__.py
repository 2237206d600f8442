"""Serves many clients over streamable HTTP."""
