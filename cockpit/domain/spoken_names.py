"""What instruments are called where people and models speak of them."""

from collections import Counter
from collections.abc import Iterable

from cockpit.domain.market import Instrument


def spoken_names(instruments: Iterable[Instrument]) -> dict[str, str]:
    """Symbol → what an instrument is called: its coin, or its symbol where another is of the same coin."""
    listed = tuple(instruments)
    owners = Counter(each.base.casefold() for each in listed)
    return {each.symbol: each.base if owners[each.base.casefold()] == 1 else each.symbol for each in listed}
