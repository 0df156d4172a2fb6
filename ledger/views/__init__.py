"""What people ask a book for beside balances: a holder's history, a day, a booking."""
