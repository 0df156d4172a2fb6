"""Outbound sync: from entries to documents in bookkeeping software, once each."""
