"""One file a question, typed in and typed out. Each may raise `ConvirzaError`, as `convirza_mcp.errors` describes."""
