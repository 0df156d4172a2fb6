"""Movements by whole blocks of the log, written once."""
