"""A second opinion: the accounting rules written once more, small, and held against the ledger.

The model shares no code with `ledger/`. It reads facts as JSON, as tills state them, and says
what each posts, or that it is refused.
"""
