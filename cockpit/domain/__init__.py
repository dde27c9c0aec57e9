"""What trading is made of. No I/O, no asyncio, nothing but the standard library."""
