"""Configuring other programs. Knows nothing about SMS."""
