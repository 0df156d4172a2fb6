"""Personal data, kept outside the log so that a person can be erased."""
