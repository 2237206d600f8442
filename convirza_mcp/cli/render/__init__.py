"""Tables, figures and documents that the commands print."""
