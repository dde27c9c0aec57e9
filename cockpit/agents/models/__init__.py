"""How language models are asked: what a call is, who pays for it, and how it is recorded and replayed."""
