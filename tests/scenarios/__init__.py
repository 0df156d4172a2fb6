"""Stories of a shop, on both databases."""
