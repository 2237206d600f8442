"""Aliases and masking: a reader that hides the contacts' identities."""
