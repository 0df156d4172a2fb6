"""Everything that Daybook promises, as tests."""
