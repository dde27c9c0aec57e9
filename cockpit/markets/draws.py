"""Random numbers that are the same on every machine, and can be had in any order.

A draw is a function of the seed, a label and an index: nothing is carried from one draw to the next. What
is made of the raw integers uses only operations that IEEE 754 rounds correctly (+ − × ÷ √) in a fixed
order; `exp`, `log`, `pow` and the trigonometric functions differ between C libraries.
"""

from hashlib import shake_128
from math import sqrt
from struct import unpack

LEVELS = 256
"""Entries of a quantile table; a random byte picks one."""

_LANES = 4
_LANE_CENTRE = 65_535 / 2
_SUM_CENTRE = _LANES * _LANE_CENTRE
_SUM_DEVIATION = sqrt(_LANES * (65_536 * 65_536 - 1) / 12)


def raw_bytes(seed: int, label: str, index: int, count: int) -> bytes:
    """`count` random bytes that belong to (seed, label, index): SHAKE128 over their spelling."""
    return shake_128(f"cockpit simulated market 1/{seed}/{label}/{index}".encode()).digest(count)


def normals(raw: bytes) -> list[float]:
    """Standard normal variates, near enough: standardised sums of four 16-bit uniforms.

    Args:
        raw: Eight bytes for each variate.

    Returns:
        Mean 0, variance 1, excess kurtosis −0.3, none beyond ±3.47 (Irwin–Hall distribution).
    """
    lanes = iter(unpack(f"<{len(raw) // 2}H", raw))
    return [
        (a + b + c + d - _SUM_CENTRE) / _SUM_DEVIATION for a, b, c, d in zip(*[lanes] * _LANES, strict=True)
    ]


def uniforms(raw: bytes) -> list[float]:
    """Uniform variates in [0, 1), one for each four bytes of `raw`."""
    return [word / 4_294_967_296 for word in unpack(f"<{len(raw) // 4}I", raw)]


def _natural_logarithm(x: float) -> float:
    """ln x by 2·artanh((x − 1)/(x + 1)); good to 1e-12 for the arguments used here (1/512 … 1)."""
    halvings = 0
    while x < 0.5:
        x = x * 2
        halvings += 1
    ratio = (x - 1) / (x + 1)
    square = ratio * ratio
    term, total = ratio, 0.0
    for odd in range(1, 40, 2):
        total = total + term / odd
        term = term * square
    return 2 * total - halvings * 0.6931471805599453


def _unit_mean(quantiles: list[float]) -> tuple[float, ...]:
    total = 0.0
    for quantile in quantiles:
        total = total + quantile
    return tuple(quantile * len(quantiles) / total for quantile in quantiles)


_MIDPOINTS = [(level + 0.5) / LEVELS for level in range(LEVELS)]

EXPONENTIAL = _unit_mean([-_natural_logarithm(u) for u in _MIDPOINTS])
"""Quantiles of the exponential distribution with mean 1."""

MILD_TAIL = _unit_mean([1 / sqrt(sqrt(u)) for u in _MIDPOINTS])
"""Quantiles of a power law with index 4 and mean 1: 0.75 … 3.6."""

MEDIUM_TAIL = _unit_mean([1 / sqrt(u) for u in _MIDPOINTS])
"""Quantiles of a power law with index 2 and mean 1: 0.5 … 12."""
