"""QuickBooks as a target: payloads, outcomes, tokens, limits, all of it on the emulator."""
