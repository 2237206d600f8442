"""The bearer token: where it is kept, and how it is refreshed."""
