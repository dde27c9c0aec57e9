"""Whether what a model says of one coin can be done, and the target it makes.

Quantities are base units; money in reasons is in whole units of the quote currency.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field

from cockpit.agents.answers.decision_schema import CoinDecision, Signal
from cockpit.domain.decisions import Target, Thesis
from cockpit.domain.formats import money
from cockpit.domain.market import LEDGER_BOUND, MICROS_PER_UNIT, Instrument, Lots
from cockpit.domain.spoken_names import spoken_names


@dataclass(frozen=True, slots=True, kw_only=True)
class Situation:
    """What an answer is checked against: the market, the account, and the rules.

    Attributes:
        instruments: What is asked about, by symbol, in the run's order.
        elsewhere: What is traded besides, by symbol: an answer may speak of it, but decides nothing there.
        marks: Mark price by symbol; a symbol without one can't be traded yet.
        held: Signed lots by symbol; absent: none.
        equity: Micro-units.
        max_leverage: Highest notional per unit of margin; an instrument's own limit holds too.
        standing: The agent's last target by symbol: what it does not say anew of a position that it only
            makes smaller or larger stays as it is there.
        allows_partial_close: Whether a close may name less than what is held.
        allows_pyramiding: Whether a position may be added to.
    """

    instruments: Mapping[str, Instrument]
    marks: Mapping[str, float]
    held: Mapping[str, int]
    equity: int
    max_leverage: float
    elsewhere: Mapping[str, Instrument] = field(default_factory=dict)
    standing: Mapping[str, Target] = field(default_factory=dict)
    allows_partial_close: bool = False
    allows_pyramiding: bool = False

    def coins(self) -> tuple[str, ...]:
        """What models are told to call the instruments they are asked about."""
        return tuple(spoken_names(self.instruments.values()).values())

    def symbol_of(self, name: object) -> str | None:
        """The instrument a model means by a coin's name or a symbol, in any case; None: no such."""
        if not isinstance(name, str):
            return None
        wanted = name.strip().casefold()
        spoken = spoken_names(self.instruments.values()).items()
        return next((each for each, coin in spoken if wanted in {each.casefold(), coin.casefold()}), None)

    def is_elsewhere(self, name: object) -> bool:
        """Whether a model means by it something that is traded, but that it was not asked about."""
        if not isinstance(name, str) or self.symbol_of(name) is not None:
            return False
        wanted = name.strip().casefold()
        others = self.elsewhere.values()
        return any(wanted in {each.symbol.casefold(), each.base.casefold()} for each in others)

    def no_coin(self, name: object) -> str:
        """Why nothing can be decided under a name that is none of `coins`, in a line."""
        if self.is_elsewhere(name):
            return f"only {', '.join(self.coins())} was asked about"
        traded = spoken_names({**self.instruments, **self.elsewhere}.values())
        return f"it is no coin traded here ({', '.join(traded.values())})"


def target_of(symbol: str, decision: CoinDecision, situation: Situation) -> Target | str | None:
    """What one coin's decision asks for; a line that says why not; or None for hold."""
    if decision.signal is Signal.HOLD:
        return None
    if symbol not in situation.marks:
        return "it has no price yet"
    if decision.signal is Signal.CLOSE:
        return _closed(symbol, decision, situation)
    return _entered(symbol, decision, situation)


def _closed(symbol: str, decision: CoinDecision, situation: Situation) -> Target | str:
    instrument, held = situation.instruments[symbol], situation.held.get(symbol, 0)
    left = _lots_left(decision.quantity, held, instrument)
    if left == 0 and held != 0:
        reason = decision.justification
        return Target(symbol=symbol, exposure=0.0, confidence=decision.confidence, reason=reason)
    fault = _part_fault(left, held, instrument, situation)
    if fault is None:
        fault = _leverage_fault(decision.leverage, instrument, situation)
    side = 1 if held > 0 else -1
    return fault or _target(symbol, decision, situation, side, instrument.quantity(Lots(left)))


def _part_fault(left: int, held: int, instrument: Instrument, situation: Situation) -> str | None:
    if held == 0:
        return "there is no position to close"
    if left < 0:
        return f"it closes more than the {instrument.quantity(Lots(abs(held))):g} held"
    if left == abs(held):
        return f"it closes less than the smallest step of {instrument.lot_size:g}"
    if not situation.allows_partial_close:
        return "it closes only a part of the position, which the rules don't allow"
    return None


def _lots_left(quantity: float | None, held: int, instrument: Instrument) -> int:
    """Lots that stay once `quantity` is closed; without a quantity, none; below 0: that is too many."""
    if not quantity:
        return 0
    if quantity >= abs(held) * instrument.lot_size * 2:
        return -1
    return abs(held) - instrument.whole_lots(quantity)


def _entered(symbol: str, decision: CoinDecision, situation: Situation) -> Target | str:
    side = 1 if decision.signal is Signal.BUY_TO_ENTER else -1
    instrument, held = situation.instruments[symbol], situation.held.get(symbol, 0)
    if held * side > 0 and not situation.allows_pyramiding:
        return f"it is {'long' if held > 0 else 'short'} already, and the rules don't allow adding to it"
    quantity = decision.quantity
    fault = _leverage_fault(decision.leverage, instrument, situation) or _quantity_fault(
        quantity, decision.leverage, situation.marks[symbol], instrument, situation
    )
    if fault is not None:
        return fault
    assert quantity is not None
    if held * side > 0:
        quantity = instrument.quantity(Lots(abs(held) + instrument.whole_lots(quantity)))
    return _target(symbol, decision, situation, side, quantity)


def _leverage_fault(leverage: float | None, instrument: Instrument, situation: Situation) -> str | None:
    if leverage is None:
        return None
    if leverage <= 0:
        return "leverage: it must be above 0"
    limit = min(situation.max_leverage, instrument.max_leverage)
    return f"leverage: {leverage:g} is more than {limit:g}" if leverage > limit else None


def _quantity_fault(
    quantity: float | None, leverage: float | None, mark: float, instrument: Instrument, situation: Situation
) -> str | None:
    if not quantity:
        return "quantity: it must be above 0"
    notional = quantity * mark * MICROS_PER_UNIT
    buys = situation.equity * (leverage or min(situation.max_leverage, instrument.max_leverage))
    if notional > buys or notional >= LEDGER_BOUND or quantity / instrument.lot_size >= LEDGER_BOUND:
        return f"quantity: {quantity:g} is worth more than equity and leverage buy ({money(max(buys, 0.0))})"
    if instrument.whole_lots(quantity) < 1:
        return f"quantity: {quantity:g} is less than the smallest step of {instrument.lot_size:g}"
    if notional < instrument.min_notional:
        least = money(instrument.min_notional)
        return f"quantity: {quantity:g} is worth less than the smallest order, {least}"
    return None


def _target(
    symbol: str, decision: CoinDecision, situation: Situation, side: int, quantity: float
) -> Target | str:
    standing = _standing(symbol, situation, side)
    stop = decision.stop_loss if decision.stop_loss is not None or standing is None else standing.stop
    take_profit = decision.profit_target
    if take_profit is None and standing is not None:
        take_profit = standing.take_profit
    mark = situation.marks[symbol]
    fault = _side_fault("stop_loss", stop, mark, is_below=side > 0) or _side_fault(
        "profit_target", take_profit, mark, is_below=side < 0
    )
    if fault is not None:
        return fault
    return Target(
        symbol=symbol,
        exposure=float(side),
        quantity=quantity,
        stop=stop,
        take_profit=take_profit,
        confidence=decision.confidence,
        reason=decision.justification,
        thesis=_thesis(decision, standing.thesis if standing else None),
    )


def _standing(symbol: str, situation: Situation, side: int) -> Target | None:
    """The target behind a position on this side that is held already."""
    last = situation.standing.get(symbol)
    is_held = situation.held.get(symbol, 0) * side > 0
    return last if last is not None and is_held and last.exposure * side > 0 else None


def _thesis(decision: CoinDecision, last: Thesis | None) -> Thesis:
    said = Thesis(
        invalidation=decision.invalidation_condition, leverage=decision.leverage, risk=decision.risk_usd
    )
    if last is None:
        return said
    return Thesis(
        invalidation=said.invalidation or last.invalidation,
        leverage=last.leverage if said.leverage is None else said.leverage,
        risk=last.risk if said.risk is None else said.risk,
    )


def _side_fault(name: str, price: float | None, mark: float, *, is_below: bool) -> str | None:
    if price is None:
        return None
    if not 0 < price < LEDGER_BOUND:
        return f"{name}: {price:g} is no price"
    if price < mark if is_below else price > mark:
        return None
    return f"{name}: {price:g} is on the wrong side of the mark {mark:g}"
