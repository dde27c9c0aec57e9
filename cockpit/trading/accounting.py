"""The exact ledger: what a fill does to a position and to cash.

The kernels at the top are plain Python over ints and floats, so that compiled code gives the same
bits; the functions below them work on domain types.
"""

from dataclasses import dataclass

from cockpit.domain.accounts import Account, Position, Trade
from cockpit.domain.market import LEDGER_BOUND, MICROS_PER_UNIT, Instrument, Lots, Micros
from cockpit.domain.orders import Fill, OrderPurpose


class LedgerOverflow(Exception):
    """An amount would leave the range in which money is exact; nothing was changed."""


def notional_micros(signed_lots: int, lot_size: float, price: float) -> int:
    """The value of a quantity, in micro-units of quote, half to even; the sign is the quantity's.

    Args:
        signed_lots: Whole lots.
        lot_size: Base units per lot.
        price: Quote per base unit.
    """
    return round(signed_lots * lot_size * price * MICROS_PER_UNIT)


def cost_share_micros(cost: int, lots_closed: int, lots_held: int) -> int:
    """The part of a position's cost that a partial close takes with it, half to even.

    Compiled integers would wrap in the product and divide by other rules, so both steps are float64.

    Args:
        cost: Of the whole position, micro-units, signed.
        lots_closed: Unsigned, at most `lots_held`.
        lots_held: Unsigned.
    """
    if lots_closed == lots_held:
        return cost
    return round(float(cost) * lots_closed / lots_held)


def fill_position(
    lots: int, cost: int, fill_lots: int, lot_size: float, price: float
) -> tuple[int, int, int, int]:
    """What a fill makes of a position; a flip closes all of it and opens the rest.

    Args:
        lots: Held before, signed.
        cost: Entry notional before, micro-units, signed like `lots`.
        fill_lots: Bought (> 0) or sold.
        lot_size: Base units per lot.
        price: Of the fill, quote per base unit.

    Returns:
        Lots after, cost after, realized profit before fees (micro-units), lots closed (unsigned).
    """
    if lots == 0 or (lots > 0) == (fill_lots > 0):
        return lots + fill_lots, cost + notional_micros(fill_lots, lot_size, price), 0, 0
    closed = min(abs(lots), abs(fill_lots))
    signed_closed = closed if lots > 0 else -closed
    closed_cost = cost_share_micros(cost, closed, abs(lots))
    realized = notional_micros(signed_closed, lot_size, price) - closed_cost
    opened = fill_lots + signed_closed
    cost_after = cost - closed_cost + notional_micros(opened, lot_size, price)
    return lots + fill_lots, cost_after, realized, closed


def fee_micros(notional: int, fee_rate: float) -> int:
    """The fee on a fill, half to even; never negative for a positive rate.

    Args:
        notional: Micro-units, either sign.
        fee_rate: Fraction of notional.
    """
    return round(abs(notional) * fee_rate)


def funding_micros(signed_lots: int, lot_size: float, mark_price: float, funding_rate: float) -> int:
    """What a position pays over one funding interval, micro-units; negative when it receives.

    Args:
        signed_lots: > 0 long.
        lot_size: Base units per lot.
        mark_price: Quote per base unit.
        funding_rate: Fraction of notional per interval; > 0: longs pay shorts.
    """
    return round(notional_micros(signed_lots, lot_size, mark_price) * funding_rate)


@dataclass(frozen=True, slots=True, kw_only=True)
class FillOutcome:
    """What a fill did: the account after it, the profit it realized, the trade it closed."""

    account: Account
    realized: Micros
    trade: Trade | None


def apply_fill(
    account: Account,
    fill: Fill,
    instrument: Instrument,
    purpose: OrderPurpose,
    decision_id: int | None = None,
    seen: tuple[float, float] | None = None,
) -> FillOutcome:
    """The account after a fill; the one given is not touched.

    Args:
        account: Before the fill.
        fill: What was executed.
        instrument: The fill's.
        purpose: Of its order.
        decision_id: Behind its order, if any.
        seen: Lowest and highest price since the position was opened, quote per base unit, if known.

    Raises:
        LedgerOverflow: If an amount would pass the ledger's bound.
    """
    _check_size(fill, instrument)
    held = account.positions.get(fill.symbol)
    lots, cost = (held.signed_lots, held.cost) if held else (0, 0)
    lots_after, cost_after, realized, closed = fill_position(
        lots, cost, fill.signed_lots, instrument.lot_size, fill.price
    )
    cash = account.cash + realized - fill.fee_micros
    if max(abs(cost_after), abs(cash), abs(realized)) >= LEDGER_BOUND:
        raise LedgerOverflow(f"fill {fill.fill_id} would take {fill.agent}'s ledger past its exact range")
    positions = dict(account.positions)
    trade = None
    if held is None:
        positions[fill.symbol] = _opened(fill, lots_after, cost_after, fill.fee_micros, decision_id)
    elif closed < abs(lots):
        positions[fill.symbol] = _adjusted(held, fill, lots_after, cost_after, realized)
    else:
        closing_fee = round(fill.fee_micros * closed / abs(fill.signed_lots))
        trade = _closed(held, fill, instrument, realized, closing_fee, purpose, seen)
        del positions[fill.symbol]
        if lots_after:
            opening_fee = fill.fee_micros - closing_fee
            positions[fill.symbol] = _opened(fill, lots_after, cost_after, opening_fee, decision_id)
    after = Account(agent=account.agent, cash=Micros(cash), positions=positions)
    return FillOutcome(account=after, realized=Micros(realized), trade=trade)


def _check_size(fill: Fill, instrument: Instrument) -> None:
    # Before any rounding: infinity and NaN have no whole number, and compare with nothing.
    lots = abs(fill.signed_lots)
    if not (
        lots < LEDGER_BOUND and lots * instrument.lot_size * abs(fill.price) * MICROS_PER_UNIT < LEDGER_BOUND
    ):
        raise LedgerOverflow(
            f"fill {fill.fill_id} of {fill.agent} at {fill.price} is larger than the ledger can count"
        )


def _opened(fill: Fill, lots: int, cost: int, fee: int, decision_id: int | None) -> Position:
    return Position(
        symbol=fill.symbol,
        signed_lots=Lots(lots),
        cost=Micros(cost),
        opened_ms=fill.ts_ms,
        entry_lots=Lots(abs(lots)),
        fees=Micros(fee),
        decision_id=decision_id,
        order_id=fill.order_id,
    )


def _adjusted(held: Position, fill: Fill, lots: int, cost: int, realized: int) -> Position:
    return Position(
        symbol=held.symbol,
        signed_lots=Lots(lots),
        cost=Micros(cost),
        opened_ms=held.opened_ms,
        entry_lots=Lots(max(held.entry_lots, abs(lots))),
        realized=Micros(held.realized + realized),
        fees=Micros(held.fees + fill.fee_micros),
        funding=held.funding,
        decision_id=held.decision_id,
        order_id=held.order_id,
    )


def _closed(
    held: Position,
    fill: Fill,
    instrument: Instrument,
    realized: int,
    fee: int,
    purpose: OrderPurpose,
    seen: tuple[float, float] | None,
) -> Trade:
    return Trade(
        agent=fill.agent,
        symbol=fill.symbol,
        signed_lots=Lots(held.entry_lots if held.signed_lots > 0 else -held.entry_lots),
        opened_ms=held.opened_ms,
        closed_ms=fill.ts_ms,
        entry_price=entry_price(held, instrument),
        exit_price=fill.price,
        realized=Micros(held.realized + realized),
        fees=Micros(held.fees + fee),
        funding=held.funding,
        decision_id=held.decision_id,
        exit_purpose=purpose,
        lowest_price=None if seen is None else min(seen[0], fill.price),
        highest_price=None if seen is None else max(seen[1], fill.price),
    )


def apply_funding(account: Account, symbol: str, paid: Micros) -> Account:
    """The account after a funding payment (negative: received) on a position it holds.

    Raises:
        LedgerOverflow: If an amount would pass the ledger's bound.
    """
    cash = account.cash - paid
    if max(abs(cash), abs(paid)) >= LEDGER_BOUND:
        raise LedgerOverflow(f"funding on {symbol} would take {account.agent}'s ledger past its exact range")
    held = account.positions[symbol]
    positions = dict(account.positions)
    positions[symbol] = Position(
        symbol=symbol,
        signed_lots=held.signed_lots,
        cost=held.cost,
        opened_ms=held.opened_ms,
        entry_lots=held.entry_lots,
        realized=held.realized,
        fees=held.fees,
        funding=Micros(held.funding + paid),
        decision_id=held.decision_id,
        order_id=held.order_id,
    )
    return Account(agent=account.agent, cash=Micros(cash), positions=positions)


def entry_price(position: Position, instrument: Instrument) -> float:
    """Average price paid, quote per base unit."""
    return position.cost / (position.signed_lots * instrument.lot_size * MICROS_PER_UNIT)


def unrealized_micros(position: Position, instrument: Instrument, mark_price: float) -> int:
    """Profit if the position were closed at the mark price, before fees."""
    return notional_micros(position.signed_lots, instrument.lot_size, mark_price) - position.cost
