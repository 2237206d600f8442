"""The sandbox's HTTP server: routes, queries, logins, variants."""
