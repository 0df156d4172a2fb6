"""The API, through the application and on both databases."""
