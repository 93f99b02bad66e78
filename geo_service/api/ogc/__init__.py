"""OGC API Features and Tiles over a release."""
