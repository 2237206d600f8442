"""JSON with comments: parsed, and edited in place."""
