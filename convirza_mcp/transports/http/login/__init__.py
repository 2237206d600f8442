"""An OAuth authorization server of its own: each person logs in with their Convirza login."""
