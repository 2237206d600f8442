"""What conversations mean: who waits, who opted out, how fast the team replies."""
