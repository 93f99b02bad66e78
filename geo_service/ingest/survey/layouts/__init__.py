"""Layouts: the files of KoboToolbox, ODK Central and plain workbooks, opened safely and brought to one form."""
