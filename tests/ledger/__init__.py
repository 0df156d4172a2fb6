"""The pure core, in memory."""
