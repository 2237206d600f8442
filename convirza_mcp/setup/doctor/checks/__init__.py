"""The checks, one file each. A check returns findings with remedies."""
