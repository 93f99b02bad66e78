"""Answers: the cells of a survey's sheets as codes, counts and dates, in tidy frames whose rows know where they stand."""
