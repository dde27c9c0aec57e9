"""The market in one bar: its price's path, the time along it, and what one account can take from it."""

from collections.abc import Callable
from dataclasses import dataclass
from math import nan
from typing import NamedTuple

from cockpit.domain.market import Bar, Instrument, Lots, Micros
from cockpit.domain.orders import Liquidity, Order, OrderPurpose, Side
from cockpit.domain.reports import Executed
from cockpit.trading.accounting import fee_micros, notional_micros
from cockpit.trading.book import Book, walk
from cockpit.trading.fill_model import FillModel, Intrabar
from cockpit.trading.fills import is_marketable, nearest_tick
from cockpit.trading.impact import bar_volatility, fillable_lots, impact_fraction, taker_price
from cockpit.trading.margin import liquidation_fee_micros
from cockpit.trading.path import Path, arrival, elapsed, path_of, price_at


@dataclass(frozen=True, slots=True, kw_only=True)
class BarMarket:
    """An instrument in one bar, as one agent's orders meet it.

    Attributes:
        instrument: What is traded.
        bar: Where its price was.
        close_ms: When the bar closed, UTC milliseconds.
        path: The way the price is taken to have gone.
        book: What stood in the order book, if the market gives one.
        met_ms: When the instrument's bar before this one closed: orders live by then have met the market.
        model: The venue's knobs.
    """

    instrument: Instrument
    bar: Bar
    close_ms: int
    path: Path
    book: Book | None
    met_ms: int
    model: FillModel

    @property
    def has_trades(self) -> bool:
        """Whether anything can be filled: somebody traded, or volume is no limit."""
        return self.bar.volume > 0 or self.model.participation is None

    def position_of(self, ts_ms: int) -> float:
        """Where on the path an instant lies; an instant before the bar is its open."""
        return arrival(self.path, (ts_ms - self.bar.open_ms) / (self.close_ms - self.bar.open_ms))

    def ts_of(self, position: float) -> int:
        """The instant of a position, UTC milliseconds, before the bar's close."""
        length_ms = self.close_ms - self.bar.open_ms
        return self.bar.open_ms + min(int(elapsed(self.path, position) * length_ms), length_ms - 1)

    def price(self, position: float) -> float:
        """The tick nearest to the price at a position."""
        return nearest_tick(price_at(self.path, position), self.instrument.tick_size)

    def execution(
        self,
        order: Order,
        trade_id: str,
        ts_ms: int,
        lots: Lots,
        price: float,
        stood: float,
        liquidity: Liquidity,
    ) -> Executed:
        """An execution of an order, with what it costs.

        Args:
            order: Which.
            trade_id: The venue's name for the execution.
            ts_ms: When, UTC milliseconds.
            lots: > 0 bought.
            price: Quote per base unit.
            stood: The price that stood when the order met the market, which slippage is measured from.
            liquidity: Maker or taker, which sets the fee.
        """
        instrument = self.instrument
        notional = notional_micros(lots, instrument.lot_size, price)
        is_maker = liquidity is Liquidity.MAKER
        fee = fee_micros(notional, instrument.maker_fee_rate if is_maker else instrument.taker_fee_rate)
        if order.purpose is OrderPurpose.LIQUIDATION:
            fee += liquidation_fee_micros(notional, self.model.liquidation_fee_fraction)
        return Executed(
            order_id=order.order_id,
            trade_id=trade_id,
            ts_ms=ts_ms,
            signed_lots=lots,
            price=price,
            fee=Micros(fee),
            liquidity=liquidity,
            slippage=Micros(notional - notional_micros(lots, instrument.lot_size, stood)),
        )


def assumed_path(bar: Bar, intrabar: Intrabar, falling_is_worse: Callable[[], bool]) -> Path:
    """The path of a bar for an agent.

    Args:
        bar: It.
        intrabar: The order of its extremes.
        falling_is_worse: Tells whether the agent is worse off where the low comes first. Asked only where
            it decides.
    """
    if intrabar is Intrabar.PATH and bar.high - bar.open != bar.open - bar.low:
        return path_of(bar.open, bar.high, bar.low, bar.close, False)
    if falling_is_worse() is not (intrabar is Intrabar.BEST):
        return bar.open, bar.low, bar.high, bar.close
    return bar.open, bar.high, bar.low, bar.close


class Taken(NamedTuple):
    """What an order takes from the market.

    Attributes:
        signed_lots: > 0 bought.
        price: On average, quote per base unit.
        stood: The price that stood when the order came.
    """

    signed_lots: Lots
    price: float
    stood: float


class Supply:
    """What one agent can still trade in a bar: a share of its volume, and what it has left of the book."""

    __slots__ = ("_from_book", "_left", "_market", "_taken")

    def __init__(self, market: BarMarket) -> None:
        model, instrument = market.model, market.instrument
        self._market = market
        self._left = fillable_lots(market.bar.volume, instrument.lot_size, model.participation_bound)
        self._taken = 0
        self._from_book = {Side.BUY: 0, Side.SELL: 0}

    def is_marketable(self, signed_lots: int, limit: float, here: float) -> bool:
        """Whether a limit order takes liquidity, from the book or, without one, at the price that stands."""
        if self._market.book is None:
            return is_marketable(here, signed_lots, limit)
        return self._walk(Lots(1 if signed_lots > 0 else -1), limit)[0] > 0

    def offered(self, signed_lots: Lots, limit: float) -> int:
        """How many lots of an order a taker could get now, unsigned."""
        if self._market.book is None:
            return min(abs(signed_lots), self._left)
        return self._walk(signed_lots, limit)[0]

    def take(self, signed_lots: Lots, limit: float, here: float, *, forced: bool) -> Taken | None:
        """Takes what can be had, at most the order's lots; None where nothing can.

        Args:
            signed_lots: > 0 buys.
            limit: The worst price allowed; NaN where there is none.
            here: The price that stands.
            forced: Whether it is a liquidation, which goes through whatever the volume.
        """
        if self._market.book is not None:
            return self._take_from_book(signed_lots, limit, self._market.book)
        lots = abs(signed_lots) if forced else self.offered(signed_lots, limit)
        if lots == 0:
            return None
        self._left = max(self._left - lots, 0)
        self._taken += lots
        price = taker_price(here, signed_lots, self._slippage(), limit, self._market.instrument.tick_size)
        return Taken(_signed(lots, signed_lots), price, here)

    def provide(self, signed_lots: Lots) -> Lots:
        """What of a resting order is filled where the price meets it."""
        lots = min(abs(signed_lots), self._left)
        self._left -= lots
        return _signed(lots, signed_lots)

    def _slippage(self) -> float:
        # Of all that was taken in this bar, so that cutting an order up does not make it cheaper.
        bar, model = self._market.bar, self._market.model
        volume_lots = bar.volume / self._market.instrument.lot_size
        volatility = bar_volatility(bar.high, bar.low)
        impact = impact_fraction(self._taken, volume_lots, volatility, model.impact_coefficient)
        return model.half_spread_fraction + impact

    def _take_from_book(self, signed_lots: Lots, limit: float, book: Book) -> Taken | None:
        lots, average, _ = self._walk(signed_lots, limit)
        stood = book.mid()
        if lots == 0 or stood is None:
            return None
        self._left = max(self._left - lots, 0)
        self._from_book[Side.of(signed_lots)] += lots
        return Taken(_signed(lots, signed_lots), average, stood)

    def _walk(self, signed_lots: Lots, limit: float) -> tuple[int, float, float]:
        levels = self._market.book.against(signed_lots) if self._market.book is not None else ()
        if not levels:
            return 0, nan, nan
        return walk(levels, signed_lots, limit, self._from_book[Side.of(signed_lots)])


def _signed(lots: int, like: int) -> Lots:
    return Lots(lots if like > 0 else -lots)
