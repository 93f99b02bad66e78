"""Checks: what answers say that cannot be, or that contradicts another; all of it found in one pass."""
