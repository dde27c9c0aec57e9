"""From the words of a model to targets that can be acted on, or a refusal with its reason."""
