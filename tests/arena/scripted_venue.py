"""A venue that says what a test wrote down for it: twice, out of order, late, or nothing at all."""

from cockpit.domain.market import Lots, Micros
from cockpit.domain.orders import Liquidity
from cockpit.domain.reports import Executed


class ScriptedVenue:
    """A `Venue`.

    Attributes:
        latency_ms: See `Venue`.
        to_submit: What it answers to each order handed over, first one first; then nothing.
        to_cancel: The same for each request to cancel.
        to_report: The same for each step of the market.
        submitted: The client order id of each order handed over.
    """

    name = "scripted"
    mode = "paper"

    def __init__(self, latency_ms=0):
        self.latency_ms = latency_ms
        self.to_submit, self.to_cancel, self.to_report = [], [], []
        self.submitted, self.canceled = [], []

    def submit(self, order):
        self.submitted.append(order.client_order_id)
        yield from self.to_submit.pop(0) if self.to_submit else ()

    def cancel(self, order):
        self.canceled.append(order.order_id)
        yield from self.to_cancel.pop(0) if self.to_cancel else ()

    def reports(self, state, bars, ts_ms):
        yield from self.to_report.pop(0) if self.to_report else ()


def executed(order_id, lots, trade_id, price=50_000.0, ts_ms=0, fee=0):
    return Executed(
        order_id=order_id,
        trade_id=trade_id,
        ts_ms=ts_ms,
        signed_lots=Lots(lots),
        price=price,
        fee=Micros(fee),
        liquidity=Liquidity.TAKER,
    )
