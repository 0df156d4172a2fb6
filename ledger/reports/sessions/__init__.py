"""Register sessions: when they were closed, and what came late."""
