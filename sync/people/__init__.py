"""What the outbox holds of a person, and how it forgets them."""
