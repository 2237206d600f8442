"""Commands that set up, serve and check."""
