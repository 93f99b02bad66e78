"""Rows out, in every format."""
