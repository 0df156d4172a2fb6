"""Sync, from the outbox to the outside and back."""
