"""What MCP clients' configuration files look like, where they lie, and how one entry gets in and out of them."""
