"""Forty questions with exact answers, for any model behind an endpoint, and a script that answers them without one."""
