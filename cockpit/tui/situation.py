"""How things stand, as far as it decides what a person can do."""

from collections.abc import Callable
from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Situation:
    """What decides which actions can be done now.

    Attributes:
        absent: No bot runs.
        answers: A bot runs and answers.
        has_run: There is a run to look at.
        paused: Its rounds are paused.
        killed: Its kill switch is on.
        tripped: One of its circuit breakers is not armed.
        emergency: An emergency stop is under way.
        alerts: There are alerts that nobody has acknowledged.
        debates: An agent debates, or has debated.
    """

    absent: bool = False
    answers: bool = False
    has_run: bool = False
    paused: bool = False
    killed: bool = False
    tripped: bool = False
    emergency: bool = False
    alerts: bool = False
    debates: bool = False


Test = Callable[[Situation], bool]
"""Something that holds in a situation, or doesn't."""


def always(now: Situation) -> bool:
    """Holds in every situation."""
    return True


def never(now: Situation) -> bool:
    """Holds in none."""
    return False


def looking(now: Situation) -> bool:
    """There is a run to look at."""
    return now.has_run


def trading(now: Situation) -> bool:
    """A bot answers, and has a run."""
    return now.answers and now.has_run
