"""Incremental indicators, by subject: a slotted state and a function that takes in one value.

All give NaN until they have seen enough, and are written as `strategy.py` says, so that they compile.
A period may be any whole number up to the length of the state's windows, `LONGEST`, and stays the
same for the life of a state.
"""
