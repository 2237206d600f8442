"""Ways to authenticate callers: access keys, and tokens of an identity provider."""
