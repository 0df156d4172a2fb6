"""What is kept in step with the log."""
