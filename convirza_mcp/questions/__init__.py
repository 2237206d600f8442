"""Questions, one file each, typed in and typed out. Each may raise `ConvirzaError`; see `convirza_mcp.errors`."""
