"""Strategies compiled."""
