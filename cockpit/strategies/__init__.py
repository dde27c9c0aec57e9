"""Rule strategies, one a file, over `strategy.py` and `indicators.py`."""
