"""What a monitor asks of the sync, of all books at once."""
