"""The outside company of a book: its tokens, and what stands for what over there."""
