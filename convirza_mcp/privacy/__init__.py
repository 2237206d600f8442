"""Aliases and masking: a reader that hides who the contacts are."""
