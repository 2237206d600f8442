"""The state that the replicas of a server share: small values, each with a version and an end. Never message texts."""
