"""The log told again, elsewhere: what every entry and everything kept in step ought to be."""
