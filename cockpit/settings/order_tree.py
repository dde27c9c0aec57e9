"""Settings of how agents enter and guard their positions."""

from typing import Annotated, Literal

from pydantic import Field

from cockpit.domain.orders import OrderKind, TimeInForce
from cockpit.settings.section import Section
from cockpit.trading.order_style import OrderStyle

_BPS = 10_000


class OrderSettings(Section):
    """How all agents enter and guard their positions.

    Attributes:
        entry: ``market``, or ``limit``: positions are opened and enlarged by limit orders. They are
            always left by market orders.
        time_in_force: Of limit entries: ``gtc``, ``ioc``, ``fok``, or ``post_only``.
        entry_offset_bps: How far inside the mark a limit entry is placed, in hundredths of a percent.
        stop: ``stop_market``, ``stop_limit`` or ``trailing_stop``.
        stop_slack_bps: How far past its trigger a stop-limit may still fill.
        trail_bps: Between a trailing stop and the best price seen; as far as the agent's own stop is
            from the mark unless given.
        demand_stop: Whether a position without a stop is a breach, which flattens the agent.
    """

    entry: Literal["market", "limit"] = "market"
    time_in_force: Literal["gtc", "ioc", "fok", "post_only"] = "gtc"
    entry_offset_bps: Annotated[float, Field(ge=-500, le=500)] = 2.0
    stop: Literal["stop_market", "stop_limit", "trailing_stop"] = "stop_market"
    stop_slack_bps: Annotated[float, Field(ge=0, le=1_000)] = 50.0
    trail_bps: Annotated[float, Field(gt=0, le=5_000)] | None = None
    demand_stop: bool = False


class OrderOverrides(Section):
    """What one agent does otherwise than the rest; see `OrderSettings`."""

    entry: Literal["market", "limit"] | None = None
    time_in_force: Literal["gtc", "ioc", "fok", "post_only"] | None = None
    entry_offset_bps: Annotated[float, Field(ge=-500, le=500)] | None = None
    stop: Literal["stop_market", "stop_limit", "trailing_stop"] | None = None
    stop_slack_bps: Annotated[float, Field(ge=0, le=1_000)] | None = None
    trail_bps: Annotated[float, Field(gt=0, le=5_000)] | None = None
    demand_stop: bool | None = None


def order_style(orders: OrderSettings, own: OrderOverrides) -> OrderStyle:
    """One agent's way of trading: its own settings, and everybody's where it has none."""
    chosen = orders.model_copy(update=own.model_dump(exclude_none=True))
    return OrderStyle(
        entry=OrderKind(chosen.entry),
        time_in_force=TimeInForce(chosen.time_in_force),
        entry_offset_fraction=chosen.entry_offset_bps / _BPS,
        stop=OrderKind(chosen.stop),
        stop_slack_fraction=chosen.stop_slack_bps / _BPS,
        trail_fraction=None if chosen.trail_bps is None else chosen.trail_bps / _BPS,
        demands_stop=chosen.demand_stop,
    )
