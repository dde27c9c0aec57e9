"""Where orders go. `venue.py` says what a venue is."""
