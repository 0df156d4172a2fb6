"""Balances, registers and reports of a book."""
