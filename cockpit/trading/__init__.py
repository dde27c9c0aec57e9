"""The rules of trading: pure functions over the domain, and the arena's state as the fold of its events."""
