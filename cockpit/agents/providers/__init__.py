"""How providers of models are reached, over litellm: routes, keys, prices, tries, and words coming back."""
