"""Commands that answer a question about the inbox."""
