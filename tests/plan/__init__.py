"""From entries to documents: the table, and what must hold for any of them."""
