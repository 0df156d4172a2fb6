"""Facts as they were stated, by place, id or subject: what reports need beyond postings."""
