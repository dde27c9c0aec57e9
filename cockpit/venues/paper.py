"""The paper venue: fills orders from bars, never before the next bar's open.

It holds nothing: working orders are part of the arena's state, so a bot that was killed finds them
where it left them.
"""

from dataclasses import dataclass
from math import isnan

from cockpit.domain.market import Bar, Instrument, Lots, Micros
from cockpit.domain.orders import Liquidity, Order, OrderKind
from cockpit.trading.accounting import fee_micros, notional_micros
from cockpit.trading.fills import slipped_price, stop_price, target_price
from cockpit.venues.venue import Execution


@dataclass(frozen=True, slots=True, kw_only=True)
class PaperVenue:
    """Executes against recorded or simulated bars, with fee and slippage.

    Attributes:
        slippage_fraction: What a taker loses against the bar's price, as a fraction of it.
    """

    slippage_fraction: float
    name: str = "paper"
    mode: str = "paper"

    def execution(self, order: Order, lots: Lots, instrument: Instrument, bar: Bar) -> Execution | None:
        """See `Venue`: market orders fill at the open, stops and targets where the bar reaches them."""
        price = _touched_price(order, bar)
        if isnan(price):
            return None
        price = instrument.round_price(slipped_price(price, lots, self.slippage_fraction))
        notional = notional_micros(lots, instrument.lot_size, price)
        return Execution(
            ts_ms=bar.open_ms,
            signed_lots=lots,
            price=price,
            fee=Micros(fee_micros(notional, instrument.taker_fee_rate)),
            liquidity=Liquidity.TAKER,
        )


def _touched_price(order: Order, bar: Bar) -> float:
    if order.kind is OrderKind.MARKET:
        return bar.open
    assert order.trigger_price is not None, f"order {order.order_id} has no trigger"
    touch = stop_price if order.kind is OrderKind.STOP_MARKET else target_price
    return touch(order.signed_lots, order.trigger_price, bar.open, bar.high, bar.low)
