"""Planners' questions: each is one URL."""
