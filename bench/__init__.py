"""Measurements: each figure is a ratio within one run, on one machine that is named."""
