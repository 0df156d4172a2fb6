"""QuickBooks Online: its words for our documents, its tokens, its limits, its answers."""
