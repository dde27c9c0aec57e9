"""All settings as one typed tree (`tree.py`), and where each came from (`resolve.py`)."""
