"""What is a customer's: invoices, credit, deposits and store credit."""
