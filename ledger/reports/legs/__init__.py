"""The postings of an account one by one: the lines of a general ledger."""
