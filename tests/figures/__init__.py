"""Every worked figure of the accounting rules, as the journal that an accountant would write.

Files are numbered as the sections of `docs/accounting.md`. Where a figure is the till's own
computation (its taxes, its rounding), the test states what the till states and proves the entry.
"""
