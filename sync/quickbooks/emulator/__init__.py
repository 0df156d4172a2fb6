"""A server that speaks QuickBooks Online's v3 protocol, written from what Intuit publishes."""
