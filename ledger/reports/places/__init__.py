"""What is held of each item and where, on any day."""
