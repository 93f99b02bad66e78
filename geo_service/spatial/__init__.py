"""Where things are: reference systems, geodesy on WGS84, and which admin unit a village lies in."""
