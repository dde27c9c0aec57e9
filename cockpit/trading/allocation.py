"""How capital reaches agents, and how an agent's targets become order intents."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from math import ceil, trunc
from types import MappingProxyType

from cockpit.domain.accounts import Account
from cockpit.domain.decisions import Target
from cockpit.domain.errors import USAGE, CockpitError
from cockpit.domain.formats import money
from cockpit.domain.market import MICROS_PER_UNIT, Instrument, Lots, Micros
from cockpit.domain.orders import OrderIntent, OrderKind, TimeInForce
from cockpit.trading.accounting import notional_micros
from cockpit.trading.order_style import OrderStyle


class AllocationError(CockpitError):
    """Capital was asked for that is not there; nothing was changed."""

    exit_code = USAGE


def allocate(treasury: Micros, amount: Micros) -> Micros:
    """What is left of the treasury after `amount` is given away.

    Raises:
        AllocationError: If the amount is not positive, or more than the treasury holds.
    """
    if amount <= 0:
        raise AllocationError(f"an allocation must be positive, not {money(amount)}")
    if amount > treasury:
        raise AllocationError(
            f"the treasury holds {money(treasury)}, which can't cover "
            f"{money(amount)}; raise arena.capital or lower agent.capital"
        )
    return Micros(treasury - amount)


@dataclass(frozen=True, slots=True, kw_only=True)
class Sizing:
    """How targets are turned into sizes.

    Attributes:
        leverage: Gross notional per unit of equity when every instrument is at full exposure.
        rebalance_band: A held position is resized only if it is off by more than this fraction of the
            larger of what is held and what is wanted, so that drifting equity alone makes no orders.
    """

    leverage: float = 1.0
    rebalance_band: float = 0.25


def target_lots(exposure: float, equity: int, share: float, instrument: Instrument, mark: float) -> Lots:
    """Signed lots that `exposure` of an instrument's share of equity buys, cut towards zero.

    Args:
        exposure: −1 … 1.
        equity: Micro-units; an account without equity gets nothing.
        share: Fraction of equity that full exposure to this instrument takes.
        instrument: Which.
        mark: Quote per base unit.
    """
    if equity <= 0:
        return Lots(0)
    return Lots(trunc(exposure * share * equity / (instrument.lot_size * mark * MICROS_PER_UNIT)))


def intents_for(
    account: Account,
    equity: int,
    targets: Iterable[Target],
    instruments: Mapping[str, Instrument],
    marks: Mapping[str, float],
    sizing: Sizing,
    style: OrderStyle,
    decision_id: int,
    at_work: Mapping[str, int] = MappingProxyType({}),
) -> list[OrderIntent]:
    """The orders that bring an account to its targets.

    Every instrument has an equal share. A position that is to shrink or end is reduced with
    reduce-only market orders; one that is to be turned round is closed first where the agent enters by
    limit. A change too small for the venue or inside the band makes no order, and what orders still at
    work may yet fill of it is not ordered again.

    Args:
        account: As it is.
        equity: Micro-units.
        targets: What is wanted.
        instruments: All of the run, by symbol.
        marks: Mark prices by symbol.
        sizing: From targets to sizes.
        style: How the agent enters.
        decision_id: The decision behind them.
        at_work: Symbol → signed lots that working orders of earlier decisions may yet fill.
    """
    share = sizing.leverage / len(instruments)
    intents = []
    for target in targets:
        mark = marks.get(target.symbol)
        if mark is None:
            continue
        instrument = instruments[target.symbol]
        position = account.positions.get(target.symbol)
        wanted, band = _wanted(target, equity, share, instrument, mark, sizing)
        held = _expected(position.signed_lots if position else 0, wanted, at_work.get(target.symbol, 0))
        if _worth_trading(held, wanted, instrument, mark, band):
            for before, after in _steps(held, wanted, style):
                is_exit = abs(after) < abs(before) and after * before >= 0
                lots = after - before
                intents.append(_intent(account.agent, instrument, lots, is_exit, mark, style, decision_id))
    return intents


def _wanted(
    target: Target, equity: int, share: float, instrument: Instrument, mark: float, sizing: Sizing
) -> tuple[int, float]:
    """Signed lots, and how far off what is held may be; who says how many by itself gets just those."""
    if target.quantity is None:
        return target_lots(target.exposure, equity, share, instrument, mark), sizing.rebalance_band
    lots = instrument.whole_lots(target.quantity)
    return (lots if target.exposure > 0 else -lots if target.exposure < 0 else 0), 0.0


def _expected(held: int, wanted: int, at_work: int) -> int:
    """What will be held once orders at work are filled, as far as they lead to what is wanted."""
    change = wanted - held
    if change * at_work <= 0:
        return held
    return held + (at_work if abs(at_work) < abs(change) else change)


def _steps(held: int, wanted: int, style: OrderStyle) -> tuple[tuple[int, int], ...]:
    """Lots before and after each order on the way from what is held to what is wanted."""
    if held * wanted < 0 and style.entry is not OrderKind.MARKET:
        return (held, 0), (0, wanted)
    return ((held, wanted),)


def _intent(
    agent: str,
    instrument: Instrument,
    lots: int,
    is_exit: bool,
    mark: float,
    style: OrderStyle,
    decision_id: int,
) -> OrderIntent:
    is_limit = style.entry is OrderKind.LIMIT and not is_exit
    offset = -style.entry_offset_fraction if lots > 0 else style.entry_offset_fraction
    return OrderIntent(
        agent=agent,
        symbol=instrument.symbol,
        kind=OrderKind.LIMIT if is_limit else OrderKind.MARKET,
        signed_lots=Lots(lots),
        limit_price=instrument.round_price(mark * (1.0 + offset)) if is_limit else None,
        time_in_force=style.time_in_force if is_limit else TimeInForce.GTC,
        reduce_only=is_exit,
        decision_id=decision_id,
    )


def least_lots(instrument: Instrument, price: float) -> int:
    """The smallest order, in lots, that an instrument's venue takes at a price."""
    return max(1, ceil(instrument.min_notional / (instrument.lot_size * price * MICROS_PER_UNIT)))


def split_lots(signed_lots: int, weights: Sequence[tuple[str, float]], least: int = 1) -> dict[str, int]:
    """Whole lots for each strategy's weight, adding up to all of them; none for those that get none.

    Source: the largest-remainder method (A. Hamilton, 1792); ties go to who stands first.

    Args:
        signed_lots: > 0 buys.
        weights: Name and weight ≥ 0; at least one is positive.
        least: Lots of the smallest share that may stand alone; smaller ones go to the largest.
    """
    total = sum(weight for _, weight in weights)
    quotas = [(name, abs(signed_lots) * weight / total) for name, weight in weights]
    lots = {name: trunc(quota) for name, quota in quotas}
    left = abs(signed_lots) - sum(lots.values())
    by_remainder = sorted(quotas, key=lambda each: trunc(each[1]) - each[1])
    for name, _ in by_remainder[:left]:
        lots[name] += 1
    largest = max(lots, key=lots.__getitem__)
    for name, given in lots.items():
        if given < least and name != largest:
            lots[largest] += given
            lots[name] = 0
    sign = 1 if signed_lots > 0 else -1
    return {name: sign * given for name, given in lots.items() if given}


def _worth_trading(held: int, wanted: int, instrument: Instrument, mark: float, band: float) -> bool:
    change = abs(wanted - held)
    if change == 0:
        return False
    if wanted == 0:
        return True
    if held * wanted > 0 and change <= band * max(abs(wanted), abs(held)):
        return False
    return notional_micros(change, instrument.lot_size, mark) >= instrument.min_notional
