"""Who decides. `agent.py` says what an agent is."""
