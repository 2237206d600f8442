"""Commands that answer questions about the inbox."""
