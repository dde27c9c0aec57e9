"""Numbers as models read them: plain digits, no grouping, decimals as the instrument's steps call for."""

from collections.abc import Iterable
from decimal import Decimal

from cockpit.domain.formats import NOT_AVAILABLE
from cockpit.domain.market import MICROS_PER_UNIT


def step_decimals(step: float) -> int:
    """Decimals that spell whole multiples of a step: 2 for 0.01, 0 for 1 and 10."""
    exponent = Decimal(repr(step)).normalize().as_tuple().exponent
    assert isinstance(exponent, int), f"a step of {step} is no number"
    return max(0, -exponent)


def number(value: float | None, decimals: int) -> str:
    """``1234.50``; ``n/a`` for None; never a negative zero."""
    return NOT_AVAILABLE if value is None else f"{value:z.{decimals}f}"


def number_list(values: Iterable[float | None], decimals: int) -> str:
    """``[1.0, n/a, 2.5]``; ``n/a`` where there is no value at all."""
    spelled = [number(value, decimals) for value in values]
    if all(each == NOT_AVAILABLE for each in spelled):
        return NOT_AVAILABLE
    return f"[{', '.join(spelled)}]"


def amount(micros: float | None) -> str:
    """Money in units of the quote currency, to the cent, from micro-units; ``n/a`` for None."""
    return number(None if micros is None else micros / MICROS_PER_UNIT, 2)


def percentage(fraction: float | None, decimals: int) -> str:
    """``1.25%`` from a fraction; ``n/a`` for None."""
    return NOT_AVAILABLE if fraction is None else f"{number(fraction * 100, decimals)}%"


def rate(fraction: float) -> str:
    """A small fraction as a percentage in full: ``0.045%`` for 0.00045."""
    text = f"{fraction * 100:z.6f}".rstrip("0").rstrip(".")
    return f"{text}%"
