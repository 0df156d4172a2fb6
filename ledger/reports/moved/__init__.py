"""Postings added up, in any direction."""
