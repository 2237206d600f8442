"""The bearer token: storage and refresh."""
