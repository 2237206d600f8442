"""MCP clients' configuration files: their places, and adding or removing one entry."""
