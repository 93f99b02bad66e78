"""Admin units in: what ships, what is fetched or added, any layer, and what is wrong with it."""
