"""What a log that is told again leaves on disk, to be looked up later."""
