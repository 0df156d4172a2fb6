"""The commands of the command line, one module each; each has its `command`."""
