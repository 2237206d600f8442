"""Rows and texts that an attacker could send."""
