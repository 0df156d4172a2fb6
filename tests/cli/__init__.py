"""The command line, and the programs that it keeps running."""
