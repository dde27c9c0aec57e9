"""How capital reaches agents, and how an agent's targets become order intents."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from math import trunc

from cockpit.domain.accounts import Account
from cockpit.domain.decisions import Target
from cockpit.domain.errors import USAGE, CockpitError
from cockpit.domain.formats import money
from cockpit.domain.market import MICROS_PER_UNIT, Instrument, Lots, Micros
from cockpit.domain.orders import OrderIntent, OrderKind
from cockpit.trading.accounting import notional_micros


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
    decision_id: int,
) -> list[OrderIntent]:
    """The market orders that bring an account to its targets.

    Every instrument has an equal share. A position that is to shrink or end is reduced with
    reduce-only orders; a change too small for the venue or inside the band makes no order.
    """
    share = sizing.leverage / len(instruments)
    intents = []
    for target in targets:
        mark = marks.get(target.symbol)
        if mark is None:
            continue
        instrument = instruments[target.symbol]
        position = account.positions.get(target.symbol)
        held = position.signed_lots if position else 0
        wanted = target_lots(target.exposure, equity, share, instrument, mark)
        change = wanted - held
        if not _worth_trading(held, wanted, instrument, mark, sizing.rebalance_band):
            continue
        intents.append(
            OrderIntent(
                agent=account.agent,
                symbol=target.symbol,
                kind=OrderKind.MARKET,
                signed_lots=Lots(change),
                reduce_only=abs(wanted) < abs(held) and wanted * held >= 0,
                decision_id=decision_id,
            )
        )
    return intents


def _worth_trading(held: int, wanted: int, instrument: Instrument, mark: float, band: float) -> bool:
    change = abs(wanted - held)
    if change == 0:
        return False
    if wanted == 0:
        return True
    if held * wanted > 0 and change <= band * max(abs(wanted), abs(held)):
        return False
    return notional_micros(change, instrument.lot_size, mark) >= instrument.min_notional
