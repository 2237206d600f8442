"""What `convirza-mcp doctor` looks at: one file a subject, and what is wrong said to somebody who does not program."""
