"""MCP clients' configuration files: where they are, and one entry in and out of them."""
