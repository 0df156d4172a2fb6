"""What people do about documents that do not go."""
