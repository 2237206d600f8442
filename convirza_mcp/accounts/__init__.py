"""One account: its client, cache, poller, settings and limits."""
