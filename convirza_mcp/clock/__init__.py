"""Time expressions, business hours and durations."""
