"""The QuickBooks emulator, tested against published behaviour and recorded answers."""
