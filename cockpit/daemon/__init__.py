"""The bot as a background process, and how others talk to it."""
