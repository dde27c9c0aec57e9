"""The competition: rounds, leaderboard, and how settings become an arena."""
