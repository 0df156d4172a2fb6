"""Who delivers for a book, and what is due."""
