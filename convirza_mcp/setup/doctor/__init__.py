"""The checks of `convirza-mcp doctor`, and their results."""
