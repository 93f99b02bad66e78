"""Reports of rounds over HTTP."""
