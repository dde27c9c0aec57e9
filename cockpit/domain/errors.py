"""What every error that a person can act on has in common."""

FAILED = 1
USAGE = 2
NOT_RUNNING = 3
REFUSED = 4


class CockpitError(Exception):
    """An error whose message is one line for people: what is wrong, and what to do.

    Attributes:
        exit_code: What a command ends with because of it.
    """

    exit_code: int = FAILED
