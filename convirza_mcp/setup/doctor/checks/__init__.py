"""One file a check; each returns findings with their remedies."""
