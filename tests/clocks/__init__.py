"""Both clocks, and what holds the book together: verify and rebuild."""
