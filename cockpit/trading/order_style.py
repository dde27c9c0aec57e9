"""How an agent's word becomes orders: by which kinds it enters, and how its positions are guarded."""

from dataclasses import dataclass

from cockpit.domain.orders import OrderKind, TimeInForce


@dataclass(frozen=True, slots=True, kw_only=True)
class OrderStyle:
    """One agent's way of trading.

    Attributes:
        entry: How positions are opened and enlarged: market or limit. They are always left by the market.
        time_in_force: Of limit entries.
        entry_offset_fraction: How far inside the mark a limit entry is placed; negative: beyond it.
        stop: How positions are stopped: stop-market, stop-limit or trailing stop.
        stop_slack_fraction: How far past its trigger a stop-limit may still fill.
        trail_fraction: Between a trailing stop and the best price seen, as a fraction of the mark; None:
            as far as the agent's own stop was from the mark when the position was opened.
        demands_stop: Whether a position without a stop is a breach.
    """

    entry: OrderKind = OrderKind.MARKET
    time_in_force: TimeInForce = TimeInForce.GTC
    entry_offset_fraction: float = 0.0
    stop: OrderKind = OrderKind.STOP_MARKET
    stop_slack_fraction: float = 0.005
    trail_fraction: float | None = None
    demands_stop: bool = False
