"""Cheap models first: what a session's policies of asking came to, and cost."""
