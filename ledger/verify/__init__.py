"""Everything recomputed: where a book is not what it ought to be, the first place of each kind."""
