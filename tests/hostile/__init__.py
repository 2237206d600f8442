"""Texts written to attack, how each must come out (`expected.tsv`), and proofs that none leaves uncleaned."""
