"""Agents that ask models: what that cost a session, and what it was worth."""
