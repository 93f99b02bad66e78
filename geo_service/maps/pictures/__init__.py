"""Pictures from frames: a module a map."""
