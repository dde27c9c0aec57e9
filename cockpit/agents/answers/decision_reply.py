"""From a model's answer to targets: each coin checked against the market and the account, or refused.

Nothing is guessed and nothing made to fit. A coin that can't be acted on is refused with a reason, and the
others stand; where the answer has no usable JSON, or two answers that disagree, all of it is refused.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from cockpit.agents.answers.answer_fields import field_name
from cockpit.agents.answers.coin_checks import Situation, target_of
from cockpit.agents.answers.decision_schema import (
    COIN_KEYS,
    FIELDS,
    CoinDecision,
    Signal,
    coin_decision,
)
from cockpit.agents.answers.reply_text import ReplyObjects, TextFault, Unusable, objects_in, quoted
from cockpit.domain.decisions import Target
from cockpit.trading.decision_checks import MAX_REASON_LENGTH

MAX_REASONS = 20

WRAPPERS = frozenset({"decision", "decisions", "trading_decision", "trading_decisions", "trade_signal_args"})
"""Keys that an answer may have around its decisions; any other key is taken for a coin."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ReplyRead:
    """An answer of which at least the form could be read.

    Attributes:
        targets: For each coin where something is to change, in the run's order; none for hold.
        decisions: Symbol → what was said of it, hold included, and what is refused because it can't be done.
        refusals: One line for each coin refused, bounded and inert, to be shown to the model next round.
    """

    targets: tuple[Target, ...]
    decisions: Mapping[str, CoinDecision] = field(default_factory=dict)
    refusals: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class ReplyRefused:
    """An answer none of which can be used.

    Attributes:
        reason: One line, bounded and inert.
        is_repairable: Whether only its form is wrong, and all of it seems to be there.
    """

    reason: str
    is_repairable: bool = False


_Verdicts = dict[str, CoinDecision | str]
"""Symbol, or the model's own inert word for what is none → what it says, or why that is refused."""


def read_reply(text: str, situation: Situation) -> ReplyRead | ReplyRefused:
    """The targets that a model's raw text asks for; never raises, whatever the text."""
    found = objects_in(text)
    if isinstance(found, TextFault):
        return ReplyRefused(reason=found.reason, is_repairable=found.is_repairable)
    return read_objects(found, situation)


def read_objects(found: ReplyObjects, situation: Situation) -> ReplyRead | ReplyRefused:
    """The targets that the JSON objects of an answer ask for.

    If one coin of a portfolio is refused, the others stand. An object that says nothing of any coin's
    signal is no decision and is skipped. Several that are decisions must not disagree about a coin.
    """
    answers = [entries for each in found.objects if (entries := _decision_entries(each, situation))]
    if not answers:
        return ReplyRefused(reason="it has no decision in its JSON", is_repairable=True)
    verdicts: _Verdicts = {}
    for entries in answers:
        for coin, verdict in _verdicts(entries, situation).items():
            if coin in verdicts and not _agree(verdicts[coin], verdict):
                return ReplyRefused(reason=f"it gave several decisions, which disagree about {coin}")
            verdicts[coin] = verdict
    return _judged(verdicts, situation)


def _judged(verdicts: _Verdicts, situation: Situation) -> ReplyRead:
    targets, decisions, refusals = dict[str, Target](), dict[str, CoinDecision](), list[str]()
    for coin, verdict in verdicts.items():
        outcome: Target | str | None
        if isinstance(verdict, str):
            outcome = verdict
        else:
            decisions[coin] = verdict
            outcome = target_of(coin, verdict, situation)
        if isinstance(outcome, str):
            refusals.append(f"{coin}: {outcome}"[:MAX_REASON_LENGTH])
        elif outcome is not None:
            targets[coin] = outcome
    if len(refusals) > MAX_REASONS:
        refusals[MAX_REASONS:] = [f"and {len(refusals) - MAX_REASONS} more"]
    return ReplyRead(
        targets=tuple(targets[symbol] for symbol in situation.instruments if symbol in targets),
        decisions=decisions,
        refusals=tuple(refusals),
    )


def _verdicts(entries: Iterable[tuple[str | None, Any]], situation: Situation) -> _Verdicts:
    verdicts: _Verdicts = {}
    for name, answer in entries:
        symbol, fault = _symbol(name, answer, situation)
        verdict = fault or _coin_verdict(answer)
        if symbol in verdicts and not _agree(verdicts[symbol], verdict):
            verdict = "it is given several decisions, which disagree"
        verdicts[symbol] = verdict
    return verdicts


def _coin_verdict(answer: object) -> CoinDecision | str:
    match answer:
        case Unusable():
            return answer.value
        case dict():
            return coin_decision(answer)
        case _:
            return "its decision is not an object"


def _agree(one: CoinDecision | str, other: CoinDecision | str) -> bool:
    if isinstance(one, str) or isinstance(other, str):
        return one == other
    if one.signal is other.signal is Signal.HOLD:
        return True
    return one.model_copy(update={"justification": ""}) == other.model_copy(update={"justification": ""})


def _symbol(name: str | None, answer: object, situation: Situation) -> tuple[str, str | None]:
    """Which instrument an entry is about, and what is wrong with how it says so."""
    names = [name] if name is not None else []
    if isinstance(answer, Mapping):
        names += [value for key, value in answer.items() if field_name(key) in COIN_KEYS]
    if isinstance(answer, Unusable) and situation.symbol_of(name) is None:
        return "a decision", answer.value
    if not names:
        if len(situation.instruments) == 1:
            return next(iter(situation.instruments)), None
        return "a decision", "it does not say which coin it is for"
    first = situation.symbol_of(names[0])
    if first is None:
        return quoted(names[0]), situation.no_coin(names[0])
    if any(situation.symbol_of(each) != first for each in names):
        return first, f"it is also called {quoted(names[-1])}"
    return first, None


def _decision_entries(value: Mapping[str, Any], situation: Situation) -> list[tuple[str | None, Any]]:
    """Coin → decision, as an object says it; nothing where it is no decision."""
    entries = list(_entries(value, situation))
    return entries if any(_is_decision(answer, situation) for _, answer in entries) else []


def _entries(value: Mapping[str, Any], situation: Situation) -> Iterator[tuple[str | None, Any]]:
    if _is_flat(value):
        yield None, value
        return
    for key, member in value.items():
        if field_name(key) in WRAPPERS:
            yield from _wrapped(member, situation)
        elif isinstance(member, dict | Unusable) or (
            member is not None and (situation.symbol_of(key) or _is_signal(member))
        ):
            yield key, _unwrapped(member)


def _wrapped(value: object, situation: Situation) -> Iterator[tuple[str | None, Any]]:
    members = value if isinstance(value, list) else [value]
    for member in members:
        if isinstance(member, dict):
            yield from _entries(member, situation)
        elif isinstance(member, Unusable):
            yield None, member


def _unwrapped(value: object) -> object:
    """What a coin's object says where it has but one member, and that one is a wrapper."""
    while isinstance(value, dict) and len(value) == 1 and field_name(next(iter(value))) in WRAPPERS:
        value = next(iter(value.values()))
    return value


def _is_flat(value: Mapping[str, Any]) -> bool:
    names = {field_name(key) for key in value}
    if "signal" in names:
        return True
    has_more = any(isinstance(each, dict | list | Unusable) for each in value.values())
    return not has_more and not names.isdisjoint(FIELDS)


def _is_decision(answer: object, situation: Situation) -> bool:
    match answer:
        case dict():
            return any(field_name(key) in FIELDS for key in answer)
        case Unusable():
            return True
        case _:
            return _is_signal(answer)


def _is_signal(value: object) -> bool:
    return isinstance(value, str) and field_name(value) in set(Signal)
