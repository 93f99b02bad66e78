"""The command line: one module a command group. Exit status 0; 1 for bad input; 2 for wrong usage."""
