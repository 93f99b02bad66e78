"""OpenStreetMap extracts in: villages and the six services by a table of tags."""
