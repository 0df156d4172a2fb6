"""Bookkeeping: facts, the balanced postings they cause, and the log that keeps both for ever.

A till states a fact (`events`). The fact knows its debits and credits (`postings`), given what was
recorded before it (`earlier`). `decide` checks and refuses; `recorder` puts what was decided into
the log, many facts to a commit; `store` holds tables and statements; `reports` answer questions.
Everything but `database`, `store`, `recorder` and `reports` is pure. Debit is positive.
"""
