"""Where prices come from. `market.py` says what a market is."""
