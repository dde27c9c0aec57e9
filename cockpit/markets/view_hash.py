"""The name of a market view: a hash over everything the market has said up to it."""

from collections.abc import Iterable
from hashlib import blake2b
from struct import Struct

from cockpit.markets.market import MarketStep

GENESIS = "0" * 32
"""What stands for the past of the first view."""

_STEP = Struct("<qI")
_BAR = Struct("<q5d")
_RATE = Struct("<d")
_ABSENT, _PRESENT = b"\x00", b"\x01"


def view_hash(previous: str, ts_ms: int, steps: Iterable[MarketStep]) -> str:
    """The hash of a view: of its instant, the steps since the last view, and that view's hash.

    Floats enter with their exact bytes, so two views with one hash agree to the bit, and so do
    their pasts.

    Args:
        previous: The hash of the view before, `GENESIS` for the first.
        ts_ms: The instant of the view, UTC milliseconds.
        steps: What became known since the view before, oldest first.

    Returns:
        32 hexadecimal digits (blake2b, 128 bits).

    Raises:
        ValueError: If `previous` is not hexadecimal.
    """
    digest = blake2b(bytes.fromhex(previous), digest_size=16)
    digest.update(_STEP.pack(ts_ms, 0))
    for step in steps:
        digest.update(_step_bytes(step))
    return digest.hexdigest()


def _step_bytes(step: MarketStep) -> bytes:
    parts = [_STEP.pack(step.ts_ms, len(step.bars))]
    parts += [_ABSENT if bar is None else _PRESENT + _BAR.pack(*bar) for bar in step.bars]
    if step.funding_rates is None:
        parts.append(_ABSENT)
    else:
        parts.append(_PRESENT + _STEP.pack(0, len(step.funding_rates)))
        parts += [_RATE.pack(rate) for rate in step.funding_rates]
    return b"".join(parts)
