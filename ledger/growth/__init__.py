"""What books grow by."""
