"""Survey rounds: the forms of B1 and B2, the files that come back from them, and their frames with findings."""
