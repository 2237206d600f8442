"""Time as people say it and as a business counts it."""
