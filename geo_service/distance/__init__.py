"""The nearest facility: one engine a module behind one small protocol and a registry."""
