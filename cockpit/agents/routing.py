"""Whether what cheap models say is good enough to go by, or a powerful one has to decide. Pure rules.

Several cheap models are one voice: on each instrument the word counts of the side that most of them take,
as the first of those puts it who take it. Nothing is averaged, so every stop belongs to its own target.
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import inf

from cockpit.agents.agent import AccountView, MarketView
from cockpit.agents.answers.decision_reply import ReplyRead
from cockpit.domain.debates import Stance
from cockpit.domain.decisions import Target
from cockpit.domain.formats import percent, short_symbol
from cockpit.domain.market import MICROS_PER_UNIT, Lots
from cockpit.domain.routing import MAX_ROUTING_REASON, RoutingMode, Trigger


@dataclass(frozen=True, slots=True, kw_only=True)
class Route:
    """Who is asked first, who instead, and when.

    Attributes:
        mode: What the cheap models' word is worth while nothing escalates it.
        cheap: litellm's names of those that are asked first, all at once; their order decides ties.
        powerful: And of the one that decides where their word is not good enough.
        cheap_timeout_s: Real seconds the cheap models may take, repairs included; the rest is the powerful's.
        min_confidence: Below it in anything they want to do, 0 … 1, they are not sure enough.
        max_notional: What they want to enter may be worth so many times equity.
        max_drawdown: As a fraction; above it they neither enter nor look after a position by themselves.
        min_agreement: The smallest share of them, 0 … 1, that has to take the same side of every instrument.
        shows_cheap: Whether the powerful model is shown what they said.
    """

    mode: RoutingMode
    cheap: tuple[str, ...]
    powerful: str
    cheap_timeout_s: float
    min_confidence: float
    max_notional: float
    max_drawdown: float
    min_agreement: float
    shows_cheap: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class CheapAnswer:
    """What became of the question to one cheap model.

    Attributes:
        model: litellm's name for it.
        read: Its answer; None where there is none that can be read.
        fault: Why there is none, in one line; empty where there is.
    """

    model: str
    read: ReplyRead | None
    fault: str = ""

    @property
    def usable(self) -> ReplyRead | None:
        """Its answer, if none of it was refused: whose plan is wrong in one coin is not trusted in others."""
        return self.read if self.read is not None and not self.read.refusals else None


@dataclass(frozen=True, slots=True, kw_only=True)
class CheapWord:
    """What the cheap models say together.

    Attributes:
        targets: What they want to change, in the run's order.
        agreement: Symbol → share of all that were asked, who take the side that counts; 0 … 1.
        usable: How many gave an answer that can be used.
        asked: How many were asked.
        fault: What was wrong with the first that gave none; empty where all did.
    """

    targets: tuple[Target, ...]
    agreement: Mapping[str, float]
    usable: int
    asked: int
    fault: str


def cheap_word(answers: Sequence[CheapAnswer], symbols: Sequence[str], own: AccountView) -> CheapWord:
    """What cheap models say together; an answer that can't be used counts against every agreement.

    Args:
        answers: In the order of the settings; at least one.
        symbols: The run's instruments.
        own: The account, for the side that hold means.
    """
    given = [each.usable for each in answers if each.usable is not None]
    targets, agreement = list[Target](), dict[str, float]()
    for symbol in symbols if given else ():
        words = [_target_on(symbol, read) for read in given]
        sides = [_side(word, _lots(symbol, own)) for word in words]
        side, supporters = Counter(sides).most_common(1)[0]  # of equally many, the first that was counted
        agreement[symbol] = supporters / len(answers)
        word = words[sides.index(side)]
        if word is not None:
            targets.append(word)
    unusable = (each for each in answers if each.usable is None)
    first = next(unusable, None)
    return CheapWord(
        targets=tuple(targets),
        agreement=agreement,
        usable=len(given),
        asked=len(answers),
        fault="" if first is None else f"{first.model}: {_fault_of(first)}",
    )


def triggers_of(route: Route, word: CheapWord, view: MarketView, own: AccountView) -> dict[Trigger, str]:
    """What makes a decision the powerful model's, each in words and figures; nothing: it is not."""
    if not word.usable:
        return {Trigger.UNUSABLE: f"no cheap answer could be used: {word.fault}"}
    found = {
        Trigger.DISAGREEMENT: _disagreement(route, word),
        Trigger.CONFIDENCE: _doubt(route, word),
        Trigger.NOTIONAL: _notional(route, word, view, own),
        Trigger.DRAWDOWN: _drawdown(route, word, own),
        Trigger.EXIT: _exit(route, word, view, own),
    }
    return {trigger: reason for trigger, reason in found.items() if reason}


def reason_of(triggers: Mapping[Trigger, str]) -> str:
    """All of them in one line, bounded."""
    line = "; ".join(triggers.values())
    return line if len(line) <= MAX_ROUTING_REASON else line[: MAX_ROUTING_REASON - 1] + "…"


def differs(word: Sequence[Target], decided: Sequence[Target]) -> bool:
    """Whether two decisions take another side of some instrument, or one acts where the other holds.

    Sizes and prices alone make no difference: no two models name the same.
    """
    return _sides(word) != _sides(decided)


def _sides(targets: Sequence[Target]) -> dict[str, Stance]:
    return {target.symbol: _side(target, 0) for target in targets}


def _target_on(symbol: str, read: ReplyRead) -> Target | None:
    return next((target for target in read.targets if target.symbol == symbol), None)


def _side(target: Target | None, held_lots: int) -> Stance:
    """Where a position would be; None of a target is hold."""
    signed = held_lots if target is None else target.exposure
    return Stance.LONG if signed > 0 else Stance.SHORT if signed < 0 else Stance.FLAT


def _lots(symbol: str, own: AccountView) -> int:
    position = own.account.positions.get(symbol)
    return 0 if position is None else position.signed_lots


def _fault_of(answer: CheapAnswer) -> str:
    return answer.fault or ("" if answer.read is None else answer.read.refusals[0])


def _disagreement(route: Route, word: CheapWord) -> str:
    symbol, share = min(word.agreement.items(), key=lambda each: each[1], default=("", 1.0))
    if share >= route.min_agreement:
        return ""
    count = round(share * word.asked)
    silent = word.asked - word.usable
    unusable = f", {silent} gave no answer that can be used" if silent else ""
    return f"{count} of {word.asked} agree on {short_symbol(symbol)}{unusable}"


def _doubt(route: Route, word: CheapWord) -> str:
    """A target without a confidence is one of no confidence."""
    doubted = min(word.targets, key=lambda target: target.confidence or 0.0, default=None)
    if doubted is None or (doubted.confidence or 0.0) >= route.min_confidence:
        return ""
    said = "no confidence" if doubted.confidence is None else f"confidence {doubted.confidence:g}"
    return f"{said} in {short_symbol(doubted.symbol)}, below {route.min_confidence:g}"


def _notional(route: Route, word: CheapWord, view: MarketView, own: AccountView) -> str:
    asked = sum(_entry_notional(target, view, own) for target in word.targets)
    times = asked / own.equity if own.equity > 0 else inf if asked > 0 else 0.0
    if times <= route.max_notional:
        return ""
    return f"entries worth {times:.3g} times equity, above {route.max_notional:g}"


def _entry_notional(target: Target, view: MarketView, own: AccountView) -> float:
    """Micro-units of a position that a target opens, enlarges or turns round, as it would be; else 0."""
    if not _enters(target, view, own):
        return 0.0
    if target.quantity is None:
        return abs(target.exposure) * own.equity
    return target.quantity * view.marks[target.symbol] * MICROS_PER_UNIT


def _enters(target: Target, view: MarketView, own: AccountView) -> bool:
    held = _lots(target.symbol, own)
    if target.exposure * held <= 0:
        return target.exposure != 0
    held_quantity = view.instruments[target.symbol].quantity(Lots(abs(held)))
    return target.quantity is None or target.quantity > held_quantity


def _drawdown(route: Route, word: CheapWord, own: AccountView) -> str:
    """Only where there is something to lose: an account that is flat and stays so runs no risk."""
    is_at_risk = bool(word.targets or own.account.positions)
    if own.drawdown is None or own.drawdown <= route.max_drawdown or not is_at_risk:
        return ""
    return f"drawdown {percent(own.drawdown)}, above {percent(route.max_drawdown)}"


def _exit(route: Route, word: CheapWord, view: MarketView, own: AccountView) -> str:
    """Where only the powerful model may act, a wish to be out would otherwise go unheard."""
    if route.mode is not RoutingMode.ESCALATION_ONLY:
        return ""
    leaving = [short_symbol(each.symbol) for each in word.targets if not _enters(each, view, own)]
    return f"they want to be out of {', '.join(leaving)}" if leaving else ""
