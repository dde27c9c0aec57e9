"""Whether stated confidence is worth anything: how often what was said to be likely came about."""

from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from math import fsum
from typing import NamedTuple

from cockpit.trading.metrics import CONFIDENCE_EDGES


class TradeForecast(NamedTuple):
    """What was said beforehand of a round trip that has since been closed.

    Attributes:
        confidence: 0 … 1, the stated probability that it succeeds.
        succeeded: Whether it did: whether it earned anything after fees and funding.
    """

    confidence: float
    succeeded: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class CalibrationBin:
    """The forecasts of about the same confidence.

    Attributes:
        lower: Edge of the bin, which belongs to it.
        upper: Edge of the bin, which belongs to the next one; to this one where that is the last.
        count: How many forecasts.
        stated: Their mean confidence; None without any.
        realized: The fraction of them that succeeded; None without any.
    """

    lower: float
    upper: float
    count: int
    stated: float | None
    realized: float | None


def calibration_curve(forecasts: Sequence[TradeForecast]) -> tuple[CalibrationBin, ...]:
    """Stated confidence against realized success, in the bins of `CONFIDENCE_EDGES`, lowest first.

    Who is well calibrated realizes what was stated, bin by bin (a reliability diagram).

    Source: A. H. Murphy, R. L. Winkler (1977), Reliability of Subjective Probability Forecasts of
    Precipitation and Temperature, Applied Statistics 26(1).
    """
    binned: list[list[TradeForecast]] = [[] for _ in CONFIDENCE_EDGES[1:]]
    for forecast in forecasts:
        place = bisect_right(CONFIDENCE_EDGES, forecast.confidence) - 1
        binned[min(place, len(binned) - 1)].append(forecast)
    return tuple(
        CalibrationBin(
            lower=lower,
            upper=upper,
            count=len(among),
            stated=fsum(each.confidence for each in among) / len(among) if among else None,
            realized=sum(each.succeeded for each in among) / len(among) if among else None,
        )
        for (lower, upper), among in zip(pairwise(CONFIDENCE_EDGES), binned, strict=True)
    )


def trade_brier_score(forecasts: Sequence[TradeForecast]) -> float | None:
    """Mean squared difference of what was stated and what came about, 1 or 0; None without forecasts.

    0 is perfect; who always says one half scores 0.25.

    Source: G. W. Brier (1950), Verification of Forecasts Expressed in Terms of Probability, Monthly
    Weather Review 78(1), of one of its two complementary categories.
    """
    if not forecasts:
        return None
    return fsum((each.confidence - each.succeeded) ** 2 for each in forecasts) / len(forecasts)
