"""Strings: cleaning, folding, comparing, measuring. Knows nothing of Convirza."""
