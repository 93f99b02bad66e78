"""The audit of published figures: numbers in print that contradict each other."""
