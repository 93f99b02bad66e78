"""Uploads of editors, and the jobs that make releases of them."""
