"""What shows that nothing is missing: the numbers of devices, and the facts of a day."""
