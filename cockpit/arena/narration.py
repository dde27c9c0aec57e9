"""What happened, in one line for people: the event log, the command line and the audit speak with it."""

from collections.abc import Callable
from typing import Any

from cockpit.domain.events import (
    ARENA,
    AccountSynced,
    AgentGrounded,
    AiProfileRemoved,
    AiProfileSaved,
    AlertAcknowledged,
    AskingSkipped,
    BotStarted,
    BotStopped,
    BreakerReset,
    BreakerTripped,
    CapitalAllocated,
    DebateAbandoned,
    DebateAsked,
    DebateHeld,
    DecisionFailed,
    DecisionMade,
    EmergencyAdvanced,
    EntriesLocked,
    EntriesWithheld,
    Escalated,
    Event,
    FeedMeasured,
    FundingPaid,
    JournalOutage,
    KillSwitchSet,
    MarginExhausted,
    MarketAdvanced,
    ModelCalled,
    OrderAmended,
    OrderCreated,
    OrderFilled,
    OrderMoved,
    PauseSet,
    ReportRefused,
    RoundClosed,
    RoundOpened,
    RunFinished,
    RunStarted,
    ShortfallCovered,
    ThesisBroken,
    TradeClosed,
    TraderProfileRemoved,
    TraderProfileSaved,
    TradingModeSet,
)
from cockpit.domain.formats import duration, money, percent, price, short_symbol, size_words
from cockpit.domain.market import Instrument, Lots
from cockpit.domain.orders import OrderPurpose, OrderStatus
from cockpit.domain.safety_events import protection_words


def narrate(event: Event, instruments: dict[str, Instrument]) -> str:
    """One line of plain text. What agents and venues said in it is as they said it: show it as data.

    Args:
        event: What happened.
        instruments: By symbol, for quantities in base units.
    """
    return _LINES[type(event)](event, instruments)


_ROUTINE_MOVES = frozenset(
    {
        OrderStatus.SUBMITTED,
        OrderStatus.ACCEPTED,
        OrderStatus.TRIGGERED,
        OrderStatus.PARTIALLY_FILLED,
        OrderStatus.PENDING_CANCEL,
        OrderStatus.CANCELED,
    }
)
"""What matters of an order is that it was created, filled, denied or held.

Only the sum of a split order's shares is ever moved to PARTIALLY_FILLED for its fills, which are told as its
shares' own; of the sum itself, its creation and its end are told.
"""


def is_routine(event: Event) -> bool:
    """Whether an event is the arena's ordinary breathing, which a log of what matters leaves out."""
    if isinstance(event, OrderMoved):
        return event.after in _ROUTINE_MOVES
    if isinstance(event, OrderCreated):
        return event.order.purpose in {OrderPurpose.STOP, OrderPurpose.TARGET}
    if isinstance(event, DecisionMade):
        return not event.targets
    if isinstance(event, ModelCalled):
        return not event.call.fault
    if isinstance(event, DebateHeld):
        return not (event.asked or event.debate.is_disagreed)
    return isinstance(
        event,
        MarketAdvanced
        | FeedMeasured
        | RoundOpened
        | RoundClosed
        | FundingPaid
        | OrderAmended
        | AskingSkipped,
    )


def _quantity(symbol: str, lots: int, instruments: dict[str, Instrument]) -> str:
    size = instruments[symbol].quantity(Lots(abs(lots))) if symbol in instruments else abs(lots)
    return f"{'buy' if lots > 0 else 'sell'} {size:g} {short_symbol(symbol)}"


def _decision(event: DecisionMade, instruments: dict[str, Instrument]) -> str:
    if not event.targets:
        return f"{event.agent} keeps its targets"
    words = (
        f"{short_symbol(target.symbol)} {size_words(target.exposure, target.quantity)} ({target.reason})"
        for target in event.targets
    )
    return f"{event.agent} wants {', '.join(words)}"


def _order_moved(event: OrderMoved, instruments: dict[str, Instrument]) -> str:
    why = f": {event.reason}" if event.reason else ""
    rule = f" by {event.rule}" if event.rule else ""
    return f"{event.agent} order {event.order_id} {event.after.replace('_', ' ')}{rule}{why}"


def _order_created(event: OrderCreated, instruments: dict[str, Instrument]) -> str:
    order = event.order
    trigger = f" at {price(order.trigger_price)}" if order.trigger_price is not None else ""
    limit = f" limit {price(order.limit_price)}" if order.limit_price is not None else ""
    share = f", {order.strategy}'s share" if order.strategy is not None else ""
    kind = order.kind.replace("_", " ")
    what = _quantity(order.symbol, order.signed_lots, instruments)
    return f"{order.agent} order {order.order_id}: {kind} {what}{trigger}{limit}{share}"


def _order_filled(event: OrderFilled, instruments: dict[str, Instrument]) -> str:
    fill = event.fill
    realized = f", realized {money(event.realized, signed=True)}" if event.realized else ""
    what = _quantity(fill.symbol, fill.signed_lots, instruments)
    return f"{fill.agent} filled: {what} at {price(fill.price)}, fee {money(fill.fee_micros)}{realized}"


def _trade_closed(event: TradeClosed, instruments: dict[str, Instrument]) -> str:
    trade = event.trade
    side = "long" if trade.signed_lots > 0 else "short"
    held = duration(trade.closed_ms - trade.opened_ms)
    return (
        f"{trade.agent} closed {side} {short_symbol(trade.symbol)} by {trade.exit_purpose} after {held}: "
        f"{money(trade.pnl, signed=True)}"
    )


def _breaker_tripped(event: BreakerTripped, instruments: dict[str, Instrument]) -> str:
    return f"BREAKER {event.breaker} tripped: {event.reason}; stopped {event.stopped}"


def _breaker_reset(event: BreakerReset, instruments: dict[str, Instrument]) -> str:
    whose = "the arena's" if event.scope == ARENA else f"{event.scope}'s"
    return f"{whose} breaker {event.breaker} armed again by {event.by}"


def _order_amended(event: OrderAmended, instruments: dict[str, Instrument]) -> str:
    trigger = "" if event.trigger_price is None else f", trigger {price(event.trigger_price)}"
    return f"{event.agent} order {event.order_id} {event.reason}: {event.signed_lots:+d} lots{trigger}"


def _entries_locked(event: EntriesLocked, instruments: dict[str, Instrument]) -> str:
    where = "no entries" if event.symbol is None else f"no entries in {short_symbol(event.symbol)}"
    protection = protection_words(event.protection, event.is_long)
    return f"{protection} locks {event.agent}: {where}: {event.reason}"


def _bot_started(event: BotStarted, instruments: dict[str, Instrument]) -> str:
    source = f", recovered from {event.recovered_from}" if event.recovered_from else ""
    accepted = ("what models cost was accepted",) if event.cost_accepted else ()
    return "; ".join((f"bot started{source}", *accepted, *event.notices))


def _model_called(event: ModelCalled, instruments: dict[str, Instrument]) -> str:
    call = event.call
    asked = f"{event.agent} asked {call.model} ({call.role})"
    if call.fault:
        return f"{asked} in vain ({call.fault}): {call.error}"
    spent = "price unknown" if call.cost is None else money(call.cost, decimals=4)
    return f"{asked}: {duration(call.latency_ms)}, {spent}"


def _debate_held(event: DebateHeld, instruments: dict[str, Instrument]) -> str:
    debate = event.debate
    views = (
        f"{short_symbol(each.symbol)} {each.stance or 'no view'}{_share(each.agreement)}"
        for each in debate.consensus
    )
    split = f", SPLIT{_share(debate.agreement)}" if debate.is_disagreed else ""
    said = f"{event.agent} debated{' as asked' if event.asked else ''}: {', '.join(views)}{split}"
    return f"{said}; {_verdict(event)}" if event.asked else said


def _verdict(event: DebateHeld) -> str:
    if event.failed:
        return f"no verdict: {event.failed}"
    proposed = ", ".join(
        f"{short_symbol(target.symbol)} {size_words(target.exposure, target.quantity)}"
        for target in event.proposal
    )
    done = "" if event.decision_id is None else f", acted upon as decision {event.decision_id}"
    return f"the judge {f'proposes {proposed}' if proposed else 'proposes no change'}{done}"


def _debate_asked(event: DebateAsked, instruments: dict[str, Instrument]) -> str:
    acts = ", to be acted upon" if event.execute else ""
    return f"{event.by} asks {event.agent} to debate on {short_symbol(event.symbol)}{acts}"


def _escalated(event: Escalated, instruments: dict[str, Instrument]) -> str:
    escalation = event.escalation
    came_to = {True: "decides otherwise", False: "decides the same", None: "gave no decision"}
    costs = escalation.cheap_cost, escalation.powerful_cost
    spent = " + ".join("price unknown" if cost is None else money(cost, decimals=4) for cost in costs)
    return (
        f"{event.agent} escalated from {', '.join(escalation.cheap)} to {escalation.powerful}, which"
        f" {came_to[escalation.changed]}, {spent}: {escalation.reason}"
    )


def _share(fraction: float | None) -> str:
    return "" if fraction is None else f" {percent(fraction, decimals=0)}"


_LINES: dict[type[Event], Callable[[Any, dict[str, Instrument]], str]] = {
    RunStarted: lambda event, _: (
        f"run started on {event.market} with {len(event.contestants)} agents, {event.mode}"
    ),
    RunFinished: lambda event, _: f"run finished: {event.reason}",
    BotStarted: _bot_started,
    BotStopped: lambda event, _: f"bot stopped: {event.reason}",
    JournalOutage: lambda event, _: (
        f"journal was out for {duration(event.lasted_ms)} ({event.reason}); trading was halted"
    ),
    CapitalAllocated: lambda event, _: f"{event.agent} received {money(event.amount)}",
    MarketAdvanced: lambda event, _: f"market: {sum(event.fresh)} new bars",
    RoundOpened: lambda event, _: f"round {event.round} opened on view {event.view_hash[:8]}",
    RoundClosed: lambda event, _: f"round {event.round} closed",
    DecisionMade: _decision,
    DecisionFailed: lambda event, _: f"{event.agent} failed to decide ({event.failure}): {event.message}",
    ModelCalled: _model_called,
    DebateAsked: _debate_asked,
    DebateHeld: _debate_held,
    DebateAbandoned: lambda event, _: (
        f"{event.agent}'s debate {event.debate_id} came to nothing: {event.reason}"
    ),
    Escalated: _escalated,
    EntriesWithheld: lambda event, _: (
        f"{event.agent}'s cheap models may not enter by themselves:"
        f" {', '.join(map(short_symbol, event.symbols))}"
    ),
    AskingSkipped: lambda event, _: f"{event.agent} is not asked: {event.reason}",
    AgentGrounded: lambda event, _: (
        f"{event.agent} can't take part: {event.reason}"
        if event.reason
        else f"{event.agent} takes part again"
    ),
    ThesisBroken: lambda event, _: (
        f"{event.agent}'s thesis on {short_symbol(event.symbol)} is broken: {event.condition}"
        f"{'; the position is closed' if event.closes else ''}"
    ),
    OrderCreated: _order_created,
    OrderMoved: _order_moved,
    OrderFilled: _order_filled,
    TradeClosed: _trade_closed,
    FundingPaid: lambda event, _: (
        f"{event.agent} {'paid' if event.paid > 0 else 'received'} {money(abs(event.paid))} funding on "
        f"{short_symbol(event.symbol)}"
    ),
    BreakerTripped: _breaker_tripped,
    BreakerReset: _breaker_reset,
    OrderAmended: _order_amended,
    ReportRefused: lambda event, _: (
        f"REFUSED the venue's {event.report} of order {event.order_id}: {event.reason}"
    ),
    AccountSynced: lambda event, _: f"{event.agent} is in sync with the venue, by {event.by}",
    MarginExhausted: lambda event, _: (
        f"LIQUIDATION of {event.agent}'s {short_symbol(event.symbol)} at {price(event.price)}: "
        f"{money(event.equity)} left, {money(event.maintenance)} needed"
    ),
    ShortfallCovered: lambda event, _: (
        f"{event.agent} lost {money(event.amount)} beyond what it had; the venue bore them"
    ),
    EntriesLocked: _entries_locked,
    TradingModeSet: lambda event, _: f"TRADING MODE {event.mode}, by {event.by}",
    EmergencyAdvanced: lambda event, _: (
        f"EMERGENCY STOP by {event.by}: {event.stage}"
        f"{f', attempt {event.attempt}' if event.attempt > 1 else ''}; {event.detail}"
    ),
    AlertAcknowledged: lambda event, _: f"alert {event.alert} acknowledged by {event.by}",
    FeedMeasured: lambda event, _: f"feed {duration(event.age_ms)} old, clock off by {event.skew_ms} ms",
    KillSwitchSet: lambda event, _: f"KILL SWITCH {'on' if event.on else 'off'}, by {event.by}",
    PauseSet: lambda event, _: f"{'paused' if event.on else 'resumed'} by {event.by}",
    AiProfileSaved: lambda event, _: (
        f"AI profile {event.profile.name} ({event.profile.model}, {event.profile.role}) saved by {event.by}"
    ),
    AiProfileRemoved: lambda event, _: f"AI profile {event.name} removed by {event.by}",
    TraderProfileSaved: lambda event, _: (
        f"trader {event.profile.name} ({event.profile.kind}) saved by {event.by}; it"
        f" {'competes in' if event.profile.competes else 'rests from'} the next new run"
    ),
    TraderProfileRemoved: lambda event, _: f"trader {event.name} removed by {event.by}",
}
