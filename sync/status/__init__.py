"""What the sync is doing, as people and tools ask for it."""
