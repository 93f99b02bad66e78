"""Filters, boxes, times, sort keys and cursors into SQL with bound parameters; no HTTP and no database here."""
