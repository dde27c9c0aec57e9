"""The risk gate: small rules that an order has to pass, asked one after the other until one refuses."""

from collections.abc import Mapping
from dataclasses import dataclass

from cockpit.domain.orders import OrderIntent
from cockpit.trading.risk.book import ExposureBook
from cockpit.trading.risk.context import Breach, OrderContext, Rule, SizeRule, sized
from cockpit.trading.risk.entry_rules import ENTRY_RULES
from cockpit.trading.risk.exposure import Unpriced, at_work
from cockpit.trading.risk.limits import RiskLimits
from cockpit.trading.risk.size_rules import SIZE_RULES
from cockpit.trading.risk.standing_rules import STANDING_RULES
from cockpit.trading.risk.well_formed import listed, malformation_of
from cockpit.trading.state import ArenaState

RULES: Mapping[str, Rule | SizeRule] = {**STANDING_RULES, **ENTRY_RULES, **SIZE_RULES}
"""Name → rule, in the order they are asked, all after ``well_formed``."""

_NAMES = {rule: name for name, rule in RULES.items()}


@dataclass(frozen=True, slots=True, kw_only=True)
class Refusal:
    """Why an order was denied.

    Attributes:
        rule: The rule's name.
        reason: A sentence with figures.
        value: What was measured, in the unit of the rule's limit; None where there is no such figure.
        limit: What it may not exceed (or come under, for the least notional and cooldowns), likewise.
    """

    rule: str
    reason: str
    value: float | None = None
    limit: float | None = None


def refusal_of(
    intent: OrderIntent,
    state: ArenaState,
    limits: RiskLimits,
    book: ExposureBook | None = None,
    orders: int = 1,
) -> Refusal | None:
    """The first rule that an order breaks, or None when it may go out.

    An order flagged reduce-only is asked nothing but `STANDING_RULES`, once it has proved that it only
    reduces. One that is not flagged is an entry, even where it is smaller than the position it is
    against, since a guard may fill first and leave it to open another; but `SIZE_RULES` go by what it
    makes of exposure, and let it pass where that falls. Cancels don't come through here.

    Args:
        intent: The order asked for; its numbers may be anything.
        state: The arena as it is now, orders already created in this round included, but not this one.
        limits: The limits in force for the agent.
        book: What is kept from one order to the next, for speed alone.
        orders: As how many orders it goes out, if it is split.
    """
    instrument = listed(intent.symbol, state)
    malformed = malformation_of(intent, state, instrument)
    if malformed:
        return Refusal(rule="well_formed", reason=malformed)
    assert instrument is not None
    agent = state.agents[intent.agent]
    asked = OrderContext(intent, instrument, agent, *at_work(agent), state, limits, orders)
    for rule in STANDING_RULES.values():
        breach = rule(asked)
        if breach is not None:
            return _refusal(rule, breach)
    return None if intent.reduce_only else _entry_refusal(asked, book or ExposureBook())


def _entry_refusal(asked: OrderContext, book: ExposureBook) -> Refusal | None:
    for rule in ENTRY_RULES.values():
        breach = rule(asked)
        if breach is not None:
            return _refusal(rule, breach)
    try:
        order = sized(asked, book)
    except Unpriced as unpriced:
        return Refusal(rule="stale_quote", reason=str(unpriced))
    for size_rule in SIZE_RULES.values():
        breach = size_rule(order)
        if breach is not None:
            return _refusal(size_rule, breach)
    return None


def _refusal(rule: Rule | SizeRule, breach: Breach) -> Refusal:
    return Refusal(rule=_NAMES[rule], reason=breach.reason, value=breach.value, limit=breach.limit)
