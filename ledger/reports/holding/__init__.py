"""Who held something in a period, page by page."""
