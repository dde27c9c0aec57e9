"""Whether single values of an agent's answer are what they claim to be, and words for those that are not."""

from cockpit.domain.market import LEDGER_BOUND


def is_within(value: object, low: int, high: int) -> bool:
    """Whether a value is a number from `low` to `high`; NaN is not, nor is True."""
    return isinstance(value, int | float) and not isinstance(value, bool) and low <= value <= high


def shown(value: object) -> str:
    """A value as a reason may show it: its number, or what else it is."""
    if isinstance(value, float) or (isinstance(value, int) and abs(value) < LEDGER_BOUND):
        return str(value)
    return f"type {type(value).__name__}" if not isinstance(value, int) else "more than 2^53"


def text_fault(word: str, text: object, longest: int) -> str | None:
    """What keeps a text from being written down, in one line; None where nothing does.

    Args:
        word: What it is called.
        text: Whatever stands in its place.
        longest: Characters it may have.
    """
    if not isinstance(text, str):
        return f"its {word} is {type(text).__name__}, not text"
    if len(text) > longest:
        return f"its {word} has {len(text)} characters, more than {longest}"
    try:
        text.encode()
    except UnicodeEncodeError:
        return f"its {word} has half a character (a lone surrogate), which can't be written down"
    return None
