"""From the log to documents: which entries are planned, and when."""
