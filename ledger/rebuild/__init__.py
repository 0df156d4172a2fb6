"""What is kept in step with the log, built anew beside whoever records, and put in its place."""
