"""What people have allowed clients: grants, their tokens, and the Convirza logins behind them."""
