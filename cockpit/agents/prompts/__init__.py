"""What a model is told: the rules once, and each round the market and its own account."""
