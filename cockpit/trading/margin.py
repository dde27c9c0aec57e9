"""What must stand behind a leveraged position, and the price at which too little does.

The kernels are plain Python over ints and floats, compiled unchanged; the functions below them work on
domain types. Amounts are micro-units of quote.

Source: Hyperliquid documentation, "Margining" and "Liquidations"
(https://hyperliquid.gitbook.io/hyperliquid-docs/trading/liquidations): maintenance margin is half of the
initial margin at the instrument's highest leverage; positions are closed by market orders once the equity
behind them is less.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from math import nan

from cockpit.domain.accounts import Account, Position
from cockpit.domain.market import MICROS_PER_UNIT, Instrument, Micros
from cockpit.trading.accounting import entry_price, notional_micros


class MarginMode(StrEnum):
    """What stands behind a position: all of the account, or only the margin set aside for it."""

    CROSS = "cross"
    ISOLATED = "isolated"


def initial_margin_micros(notional: int, leverage: float) -> int:
    """What opening a position takes, half to even.

    Args:
        notional: Micro-units, either sign.
        leverage: Notional per unit of margin; positive.
    """
    return round(abs(notional) / leverage)


def maintenance_margin_micros(notional: int, max_leverage: float) -> int:
    """What keeping a position takes: half of the initial margin at the highest leverage, half to even.

    Args:
        notional: At the mark price, micro-units, either sign.
        max_leverage: The instrument's; positive.
    """
    return round(abs(notional) / (2.0 * max_leverage))


def liquidation_price(
    signed_lots: int, cost: int, lot_size: float, backing: int, max_leverage: float
) -> float:
    """The mark price at which what stands behind a position is only its maintenance margin.

    Solves backing + q·p − cost = |q|·p / (2 × highest leverage) for p, where q is the signed quantity.

    Args:
        signed_lots: > 0 long; not 0.
        cost: Entry notional, with the sign of `signed_lots`.
        lot_size: Base units per lot.
        backing: What stands behind it besides its own profit. Cross: cash and the profit of the other
            positions, less their maintenance margins. Isolated: the margin set aside for it.
        max_leverage: The instrument's.

    Returns:
        Quote per base unit; NaN where no positive price liquidates a long position. 0 where any price
        liquidates a short one.
    """
    quantity = signed_lots * lot_size * MICROS_PER_UNIT
    kept = 1.0 / (2.0 * max_leverage)
    if signed_lots > 0:
        short_of = cost - backing
        return short_of / (quantity * (1.0 - kept)) if short_of > 0 and kept < 1.0 else nan
    return max((cost - backing) / (quantity * (1.0 + kept)), 0.0)


def bankruptcy_price(signed_lots: int, cost: int, lot_size: float, backing: int) -> float:
    """The price at which nothing is left behind a position: backing + q·p − cost = 0.

    Args:
        signed_lots: > 0 long; not 0.
        cost: Entry notional, with the sign of `signed_lots`.
        lot_size: Base units per lot.
        backing: Cross: cash and the profit of the other positions. Isolated: the margin set aside for it.

    Returns:
        Quote per base unit; NaN where a long position survives at any positive price, 0 where a short one
        survives at none.
    """
    price = (cost - backing) / (signed_lots * lot_size * MICROS_PER_UNIT)
    if price > 0.0:
        return price
    return nan if signed_lots > 0 else 0.0


def liquidation_fee_micros(notional: int, fee_fraction: float) -> int:
    """What a venue takes for a liquidation, besides the taker fee, half to even.

    Args:
        notional: Micro-units, either sign.
        fee_fraction: Of the notional.
    """
    return round(abs(notional) * fee_fraction)


@dataclass(frozen=True, slots=True, kw_only=True)
class MarginTerms:
    """What a venue lends on.

    Attributes:
        mode: What stands behind each position.
        leverage: Notional per unit of margin set aside; an instrument's own highest leverage bounds it.
    """

    mode: MarginMode
    leverage: float

    def leverage_on(self, instrument: Instrument) -> float:
        """Notional per unit of margin set aside for a position in an instrument."""
        return min(self.leverage, instrument.max_leverage)


@dataclass(frozen=True, slots=True, kw_only=True)
class Backing:
    """What stands behind a position besides its own profit.

    Attributes:
        equity: Cash and the profit of the other positions, or the margin set aside.
        others_maintenance: What of it the other positions must keep.
    """

    equity: Micros
    others_maintenance: Micros = Micros(0)


def backing_of(
    position: Position,
    account: Account,
    instruments: Mapping[str, Instrument],
    marks: Mapping[str, float],
    terms: MarginTerms,
) -> Backing:
    """What stands behind a position of an account.

    Args:
        position: One of the account's.
        account: Its positions.
        instruments: By symbol.
        marks: Mark prices by symbol; a position that has none yet counts at what it cost.
        terms: Of the venue.
    """
    if terms.mode is MarginMode.ISOLATED:
        leverage = terms.leverage_on(instruments[position.symbol])
        return Backing(equity=Micros(initial_margin_micros(position.cost, leverage) - position.funding))
    equity, maintenance = account.cash, 0
    for other in account.positions.values():
        if other.symbol == position.symbol:
            continue
        listed = instruments[other.symbol]
        mark = marks.get(other.symbol)
        if mark is None:
            mark = entry_price(other, listed)
        notional = notional_micros(other.signed_lots, listed.lot_size, mark)
        equity = Micros(equity + notional - other.cost)
        maintenance += maintenance_margin_micros(notional, listed.max_leverage)
    return Backing(equity=equity, others_maintenance=Micros(maintenance))


def liquidation_price_of(position: Position, instrument: Instrument, backing: Backing) -> float:
    """`liquidation_price` of an account's position; NaN where it can't be liquidated."""
    return liquidation_price(
        position.signed_lots,
        position.cost,
        instrument.lot_size,
        backing.equity - backing.others_maintenance,
        instrument.max_leverage,
    )
