"""Debates: one as it unfolds and when it is over, and what all of a session come to."""
