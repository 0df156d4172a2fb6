"""The outer ring: HTTP, the command line, settings, and the wiring of ledger and sync."""
