"""Frames out: each format with its own limits met openly, each file whole or not there."""
