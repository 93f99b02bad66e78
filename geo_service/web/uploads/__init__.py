"""Pages of editors: to send a round or a layer of facilities, and to read what was found in it."""
