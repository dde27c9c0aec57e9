"""Settings of the venue, and of how believable its fills on paper are."""

from dataclasses import replace
from typing import Annotated, Any, Literal

from pydantic import Field

from cockpit.settings.section import Section
from cockpit.settings.values import LatencyMs
from cockpit.trading.fill_model import PRESETS, FillModel, Intrabar
from cockpit.trading.margin import MarginMode

_BPS = 10_000


class VenueSettings(Section):
    """Where orders go, and how they fill on paper. What is not set is the preset's.

    Attributes:
        kind: ``paper``.
        preset: ``realistic``, ``optimistic`` or ``pessimistic``: all the knobs below at once.
        half_spread_bps: What a taker loses to the spread, in hundredths of a percent of the price.
        impact_coefficient: Of the square-root law of market impact; 0: size moves nothing.
        participation: Fraction of a bar's volume one agent may trade in it; ``off``: volume is no limit.
        touch_fill_probability: How likely a resting limit is filled by a price that only touches it.
        latency: How long an order, or a request to cancel one, is on its way.
        intrabar: ``path``: the nearer extreme of a bar came first; ``worst``: the one against the
            position; ``best``: the one in its favour.
        margin: ``cross``: the whole account stands behind each position; ``isolated``: its own margin.
        leverage: Notional per unit of margin; an instrument's own highest leverage bounds it.
        liquidation_fee_bps: Of a liquidated notional, besides the taker fee.
    """

    kind: Literal["paper"] = "paper"
    preset: Literal["realistic", "optimistic", "pessimistic"] = "realistic"
    half_spread_bps: Annotated[float, Field(ge=0, le=1_000)] | None = None
    impact_coefficient: Annotated[float, Field(ge=0, le=100)] | None = None
    participation: Annotated[float, Field(gt=0, le=1)] | Literal["off"] | None = None
    touch_fill_probability: Annotated[float, Field(ge=0, le=1)] | None = None
    latency: LatencyMs = None
    intrabar: Literal["path", "worst", "best"] | None = None
    margin: Literal["cross", "isolated"] | None = None
    leverage: Annotated[float, Field(ge=1, le=200)] | None = None
    liquidation_fee_bps: Annotated[float, Field(ge=0, le=1_000)] | None = None


def fill_model(settings: VenueSettings, seed: int) -> FillModel:
    """How paper fills are made: the preset, and what is set otherwise.

    Args:
        settings: Of the venue.
        seed: Of the draws that decide which resting limit a touch fills.
    """
    knobs: dict[str, Any] = {
        "half_spread_fraction": _fraction(settings.half_spread_bps),
        "impact_coefficient": settings.impact_coefficient,
        "touch_fill_probability": settings.touch_fill_probability,
        "latency_ms": settings.latency,
        "intrabar": None if settings.intrabar is None else Intrabar(settings.intrabar),
        "margin": None if settings.margin is None else MarginMode(settings.margin),
        "leverage": settings.leverage,
        "liquidation_fee_fraction": _fraction(settings.liquidation_fee_bps),
    }
    given = {name: value for name, value in knobs.items() if value is not None}
    if settings.participation is not None:
        given["participation"] = None if settings.participation == "off" else settings.participation
    return replace(PRESETS[settings.preset], seed=seed, **given)


def _fraction(bps: float | None) -> float | None:
    return None if bps is None else bps / _BPS
