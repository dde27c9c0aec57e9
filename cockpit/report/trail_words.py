"""The steps of a trail in words: one line for each thing a person wants to know of it."""

from collections.abc import Callable, Iterator, Mapping
from typing import Any, TypeAlias

from cockpit.domain.formats import duration, money, percent, price, short_symbol, size_words, time_of
from cockpit.domain.market import MICROS_PER_UNIT, to_tick
from cockpit.domain.orders import OrderPurpose

Facts: TypeAlias = Mapping[str, Any]


def step_words(what: str, facts: Facts) -> list[str]:
    """A step in words; none where another step of the same event says it all.

    Args:
        what: Which kind of step.
        facts: Of the step, in plain units; of a `lifecycle` step also ``is_share``: risk has judged the whole
            order it is a strategy's share of; of a `fill` also ``executed_ms``: when the venue says it was,
            None where that is when the bot learned of it.
    """
    return list(_WORDS[what](facts))


def position_words(quantity: float, entry_price: float | None, tick_size: float, symbol: str) -> str:
    """``long 0.5 BTC at 60,000.00``, or ``flat``; the mean entry price to the nearest tick."""
    if entry_price is None:
        return "flat"
    entry = price(to_tick(entry_price, tick_size))
    return f"{'long' if quantity > 0 else 'short'} {amount_of(quantity, symbol)} at {entry}"


def amount_of(quantity: float, symbol: str) -> str:
    """``0.5 BTC``, without sign."""
    text = f"{abs(quantity):,.8f}".rstrip("0").rstrip(".")
    return f"{text} {short_symbol(symbol)}"


def dollars(units: float | None, *, signed: bool = False) -> str:
    """Units of quote as money."""
    return money(None if units is None else units * MICROS_PER_UNIT, signed=signed)


def _decision(facts: Facts) -> Iterator[str]:
    view = f", view {facts['view_hash']}" if facts["view_hash"] else ""
    confidence = (
        "" if facts["confidence"] is None else f", confidence {percent(facts['confidence'], decimals=0)}"
    )
    yield f"decision {facts['decision_id']} by {facts['agent']} in round {facts['round']}{view}{confidence}"
    if not facts["targets"]:
        yield "keeps what it wanted before"
    for target in facts["targets"]:
        yield _target(target)
        if target["reason"]:
            yield f"“{target['reason']}”"
        yield _allocation(target)


def _target(target: Facts) -> str:
    guards = [
        f"{name} {price(to_tick(target[field], target['tick_size']))}"
        for name, field in (("stop", "stop"), ("target", "take_profit"))
        if target[field] is not None
    ]
    size = size_words(target["exposure"], target["quantity"])
    return ", ".join((f"wants {short_symbol(target['symbol'])} {size}", *guards))


def _allocation(target: Facts) -> str:
    symbol = target["symbol"]
    held = _held(target["held_quantity"], symbol)
    if not target["ordered_quantity"]:
        return f"allocation: held {held}, ordered nothing"
    change = target["ordered_quantity"]
    ordered = f"{'buy' if change > 0 else 'sell'} {amount_of(change, symbol)}"
    return f"allocation: held {held}, ordered {ordered}, to hold {_held(target['wanted_quantity'], symbol)}"


def _held(quantity: float, symbol: str) -> str:
    if not quantity:
        return "nothing"
    return f"{'long' if quantity > 0 else 'short'} {amount_of(quantity, symbol)}"


def _order(facts: Facts) -> Iterator[str]:
    asked = f"{facts['side']} {amount_of(facts['quantity'], facts['symbol'])}"
    yield ", ".join((f"order {facts['order_id']}: {_kind(facts)}{asked}{_prices(facts)}", *_notes(facts)))


def _kind(facts: Facts) -> str:
    kind = facts["kind"].replace("_", " ")
    return kind + " " if facts["purpose"] == OrderPurpose.REBALANCE else f"{facts['purpose']} ({kind}), "


def _prices(facts: Facts) -> str:
    words = "" if facts["trigger_price"] is None else f" at {price(facts['trigger_price'])}"
    if facts["limit_price"] is not None:
        words += f" limit {price(facts['limit_price'])} {facts['time_in_force'].replace('_', ' ')}"
    if facts["trail_distance"] is not None:
        words += f" trailing by {price(facts['trail_distance'])}"
    return words


def _notes(facts: Facts) -> Iterator[str]:
    if facts["is_split"]:
        yield "split into shares"
    if facts["strategy"] is not None:
        yield f"{facts['strategy']}'s share of order {facts['parent_id']}"
    elif facts["parent_id"] is not None:
        yield f"guards order {facts['parent_id']}"
    elif facts["reduce_only"]:
        yield "reduce-only"


def _lifecycle(facts: Facts) -> Iterator[str]:
    order, after, reason = f"order {facts['order_id']}", facts["status_after"], facts["reason"]
    why = f": {reason}" if reason not in {"", after} else ""
    if facts["status_before"] is None:
        return
    if facts["status_before"] == after and facts["quantity"] is not None:
        yield f"{order} amended{why}"
    elif facts["status_before"] == after:
        yield f"{order} still {after.replace('_', ' ')}{why}"
    elif after == "denied":
        yield f"{order}: risk denied it{_by_rule(facts)}{why}"
    elif after == "submitted" and facts["status_before"] == "created":
        yield f"{order} sent" if facts["is_share"] else f"{order}: risk passed it, sent"
    else:
        yield f"{order} {after.replace('_', ' ')}{why}"


def _by_rule(facts: Facts) -> str:
    rule = f" by {facts['rule']}" if facts["rule"] else ""
    if facts["value"] is None or facts["limit_value"] is None:
        return rule
    return f"{rule} ({facts['value']:g} against {facts['limit_value']:g})"


def _fill(facts: Facts) -> Iterator[str]:
    symbol = facts["symbol"]
    done = "bought" if facts["signed_quantity"] > 0 else "sold"
    costs = f"fee {dollars(facts['fee'])}, slippage {dollars(facts['slippage'])}"
    named = f", trade id {facts['trade_id']}" if facts["trade_id"] else ""
    executed = "" if facts["executed_ms"] is None else f", executed {time_of(facts['executed_ms'])}"
    yield (
        f"fill {facts['fill_id']} of order {facts['order_id']}: {done}"
        f" {amount_of(facts['signed_quantity'], symbol)} at {price(facts['price'])} as {facts['liquidity']},"
        f" {costs}{named}{executed}"
    )
    held = position_words(
        facts["position_quantity"], facts["position_entry_price"], facts["tick_size"], symbol
    )
    brought = f", this fill {dollars(facts['realized'], signed=True)}" if facts["realized"] else ""
    yield f"position: {held}; realized {dollars(facts['position_realized'], signed=True)}{brought}"


def _funding(facts: Facts) -> Iterator[str]:
    verb = "paid" if facts["paid"] > 0 else "received"
    yield f"funding {verb}: {dollars(abs(facts['paid']))} at a rate of {percent(facts['rate'], decimals=4)}"


def _trade(facts: Facts) -> Iterator[str]:
    held = duration(facts["held_ms"])
    side = "long" if facts["signed_quantity"] > 0 else "short"
    what = f"{side} {amount_of(facts['signed_quantity'], facts['symbol'])}"
    yield f"trade closed by {facts['exit_purpose']}: {what}, held {held}"
    costs = f"fees {dollars(facts['fees'])}, funding {dollars(facts['funding'])}"
    entry, exit_ = (price(to_tick(facts[name], facts["tick_size"])) for name in ("entry_price", "exit_price"))
    yield (
        f"entry {entry}, exit {exit_}:"
        f" P&L {dollars(facts['pnl'], signed=True)}"
        f" (realized {dollars(facts['realized'], signed=True)}, {costs})"
    )
    if facts["adverse_excursion"] is not None:
        yield (
            f"furthest against it (MAE) {percent(facts['adverse_excursion'])},"
            f" its way (MFE) {percent(facts['favorable_excursion'])},"
            f" between {price(facts['lowest_price'])} and {price(facts['highest_price'])}"
        )


def _risk(facts: Facts) -> Iterator[str]:
    yield _RISKS[facts["kind"]](facts)


_RISKS: dict[str, Callable[[Facts], str]] = {
    "breaker_tripped": lambda facts: (
        f"BREAKER {facts['rule']} of {facts['scope']} tripped: {facts['reason']}; stopped {facts['stopped']}"
    ),
    "kill_switch_set": lambda facts: (
        f"KILL SWITCH {'on' if facts['is_on'] else 'off'}, by {facts['by_whom']}"
    ),
    "trading_mode_set": lambda facts: f"TRADING MODE {facts['state']}, by {facts['by_whom']}",
    "emergency_advanced": lambda facts: (
        f"EMERGENCY STOP {facts['state']}, attempt {facts['value']:g}, by {facts['by_whom']}:"
        f" {facts['reason']}"
    ),
    "margin_exhausted": lambda facts: (
        f"LIQUIDATION of {short_symbol(facts['symbol'])} at {price(facts['price'])}:"
        f" {dollars(facts['value'])} left, {dollars(facts['limit_value'])} needed"
    ),
    "shortfall_covered": lambda facts: (
        f"{dollars(facts['value'])} lost beyond what {facts['scope']} had; the venue bore it"
    ),
    "report_refused": lambda facts: (
        f"the venue's report on order {facts['order_id']} refused, {facts['reason']}"
    ),
}

_WORDS: dict[str, Callable[[Facts], Iterator[str]]] = {
    "decision": _decision,
    "order": _order,
    "lifecycle": _lifecycle,
    "fill": _fill,
    "funding": _funding,
    "trade": _trade,
    "risk": _risk,
}
