"""What became known between two places of the log."""
