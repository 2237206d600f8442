"""What `convirza-mcp doctor` checks, and how it reports."""
