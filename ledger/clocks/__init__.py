"""Two clocks: any balance at the end of a business date, as it was known after any event."""
