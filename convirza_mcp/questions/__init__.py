"""One file a question about the inbox: typed in, typed out. The only home of use-case logic."""
