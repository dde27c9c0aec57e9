"""A debate in words for people: who takes which side and why, what it comes to, and what is made of it."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from rich.text import Text

from cockpit.domain.debates import JUDGE, NOT_ACTED_UPON, SHADOW, DebateMessage, Stance, SymbolStance
from cockpit.domain.formats import money, percent, price, short_symbol
from cockpit.domain.market import MICROS_PER_UNIT
from cockpit.domain.plain_text import plain_text

SIDES = {Stance.LONG: ("▲", "green"), Stance.SHORT: ("▼", "red"), Stance.FLAT: ("◇", "yellow")}
"""Each stance's sign and colour."""


def role_name(role: str) -> str:
    """``risk manager`` from ``risk_manager``; who decides without the debate says so."""
    return "judge without the debate" if role == SHADOW else plain_text(role.replace("_", " "))


def stance_text(stance: str | None, confidence: float | None) -> Text:
    """``▲ long 62%``."""
    if stance is None:
        return Text("– nobody takes a side", style="dim")
    sign, colour = SIDES[Stance(stance)]
    sure = "" if confidence is None else f" {percent(confidence, decimals=0)}"
    return Text(f"{sign} {Stance(stance).value}{sure}", style=colour)


def stances_text(stances: Sequence[SymbolStance]) -> Text:
    """All sides a role takes, on one line; of a single instrument without its name."""
    if not stances:
        return Text("takes no side", style="dim")
    texts = []
    for each in stances:
        name = f"{short_symbol(each.symbol)} " if len(stances) > 1 else ""
        texts.append(Text.assemble(name, stance_text(each.stance, each.confidence)))
    return Text("   ").join(texts)


def message_lines(message: DebateMessage) -> Iterator[Text]:
    """What a role said at the end of its turn: its sides, what it goes by, its argument; or why nothing."""
    if message.failed:
        yield Text(f"said nothing: {plain_text(message.failed)}", style="red")
        return
    yield stances_text(message.stances)
    for signal in message.signals:
        yield Text(f"· {plain_text(signal)}", style="cyan")
    if message.argument:
        yield Text(plain_text(message.argument))
    if message.tools:
        yield Text(f"looked up: {', '.join(map(plain_text, message.tools))}", style="dim")


def consensus_lines(debate: Mapping[str, Any]) -> Iterator[Text]:
    """Who agrees with whom, instrument by instrument."""
    for each in debate["consensus"]:
        agreement = each["agreement"]
        line = Text.assemble(
            f"{short_symbol(each['symbol'])}: ", stance_text(each["stance"], each["confidence"])
        )
        if agreement is not None:
            line.append(f", {percent(agreement, decimals=0)} of {each['opinions']} analysts agree")
        else:
            line.append(f", {each['opinions']} said anything", style="dim")
        yield line
    if debate["is_disagreed"]:
        yield Text("they are at odds: the judge was told so", style="yellow")


def verdict_lines(debate: Mapping[str, Any]) -> Iterator[Text]:
    """What the judge wants held, what of it could not be used, and what the risk gate says of it."""
    if debate["status"] == "abandoned":
        yield Text(f"abandoned: {plain_text(debate['reason'])}", style="red")
        return
    if debate["reason"]:
        yield Text(f"no verdict: {plain_text(debate['reason'])}", style="red")
    for target in debate["proposal"]:
        yield Text(_intent(target))
    if not debate["proposal"] and not debate["reason"]:
        yield Text("the account stays as it is")
    for refused in debate["refused"]:
        yield Text(f"could not be used: {plain_text(refused)}", style="yellow")
    inaction = [each for each in debate["checks"] if each.startswith(NOT_ACTED_UPON)]
    for check in debate["checks"]:
        if check not in inaction:
            yield Text(f"risk gate: {plain_text(check)}")
    if inaction:
        yield Text(plain_text(inaction[0]), style="yellow")
    else:
        yield from _done(debate)


def cost_line(debate: Mapping[str, Any]) -> Text:
    """``$0.0123 for 7 calls, 21.4 s``."""
    return Text(spent_words(debate, debate["elapsed_s"]), style="dim")


def spent_words(spent: Mapping[str, Any], seconds: float | None) -> str:
    """What calls cost and how long they took; a price that nobody knows is none."""
    calls, unpriced = spent["calls"], spent["unpriced_calls"]
    if not calls:
        return "no model was asked"
    cost = spent["cost_usd"]
    words = "price not known" if cost is None else money(cost * MICROS_PER_UNIT, decimals=4)
    if unpriced and cost is not None:
        words = f"at least {words}"
    took = "" if seconds is None else f", {seconds:.1f} s"
    return f"{words} for {calls} call{'' if calls == 1 else 's'}{took}"


def message_of(row: Mapping[str, Any]) -> DebateMessage:
    """What a role said, out of the API's document."""
    return DebateMessage(
        turn=row["turn"],
        role=row["role"],
        model=row["model"],
        stances=tuple(
            SymbolStance(symbol=each["symbol"], stance=Stance(each["stance"]), confidence=each["confidence"])
            for each in row["stances"]
        ),
        signals=tuple(row["signals"]),
        argument=row["argument"],
        tools=tuple(row["tools"]),
        failed=row["failed"],
    )


def title_of(message: DebateMessage, turns: int) -> Text:
    """Who speaks, in which turn where there are several, and which model it is."""
    turn = f", turn {message.turn}" if turns > 1 and message.role not in {JUDGE, SHADOW} else ""
    return Text.assemble(
        (f"{role_name(message.role)}{turn}", "bold"), (f"  {plain_text(message.model)}", "dim")
    )


def _intent(target: Mapping[str, Any]) -> str:
    """What is to be held, in figures."""
    exposure, quantity = target["exposure"], target["quantity"]
    coin = short_symbol(target["symbol"])
    if not exposure:
        return f"{coin}: hold nothing"
    side = "long" if exposure > 0 else "short"
    size = (
        f"{quantity:g} {coin}"
        if quantity is not None
        else f"{percent(abs(exposure), decimals=0)} of its share"
    )
    details = [f"{coin}: {side} {size}"]
    if target["leverage"] is not None:
        details.append(f"leverage {target['leverage']:g}×")
    for name, words in (("stop", "stop"), ("take_profit", "target")):
        if target[name] is not None:
            details.append(f"{words} {price(target[name])}")
    if target["risk"] is not None:
        details.append(f"risks {money(target['risk'] * MICROS_PER_UNIT)}")
    if target["confidence"] is not None:
        details.append(f"{percent(target['confidence'], decimals=0)} sure")
    if target["invalidation"]:
        details.append(f"wrong if {plain_text(target['invalidation'])}")
    return ", ".join(details)


def _done(debate: Mapping[str, Any]) -> Iterator[Text]:
    if debate["decision_id"] is not None:
        nothing = "" if debate["orders"] else ": there was nothing to order"
        yield Text(f"acted upon as decision {debate['decision_id']}{nothing}", style="bold")
    elif debate["asked"] and not debate["execute"]:
        yield Text(f"{NOT_ACTED_UPON}: --execute would", style="dim")
    elif not debate["reason"]:
        yield Text(NOT_ACTED_UPON, style="yellow")
    outcomes = {each["order_id"]: each for each in debate["outcomes"]}
    for order in debate["orders"]:
        why = f": {plain_text(order['reason'])}" if order["reason"] else ""
        coin = short_symbol(order["symbol"])
        words = (
            f"order {order['order_id']}: {order['side']} {order['quantity']:g} {coin}, {order['status']}{why}"
        )
        outcome = outcomes.get(order["order_id"])
        yield Text(words if outcome is None else f"{words}; {_outcome(outcome)}")


def _outcome(outcome: Mapping[str, Any]) -> str:
    pnl = "" if outcome["pnl"] is None else f" {money(outcome['pnl'] * MICROS_PER_UNIT, signed=True)}"
    return f"outcome {outcome['outcome']}{pnl}"
