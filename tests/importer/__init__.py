"""The import of "Online Retail" files."""
