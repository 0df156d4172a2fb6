"""Reports and statements."""
