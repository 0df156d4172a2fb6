"""Statements: frozen accounts of what was posted, the same for ever."""
