"""What entries leave for a person to see to."""
