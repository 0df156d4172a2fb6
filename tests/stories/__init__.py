"""What can happen in a shop, told at random: one module a subject, put together by `strategies`."""
