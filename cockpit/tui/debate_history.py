"""Debates: those under way that somebody asked for, and those among the latest events that are over."""

from collections import deque
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from enum import StrEnum

from cockpit.domain.debates import JUDGE, Debate, DebateMessage
from cockpit.domain.decisions import Target
from cockpit.domain.events import (
    DebateAbandoned,
    DebateAsked,
    DebateHeld,
    DecisionFailed,
    DecisionMade,
    ModelCalled,
    Recorded,
)
from cockpit.trading.state import UnderWay
from cockpit.tui.spending import Spent

MOST_DEBATES = 50
"""That are over, and kept whole; what is older the journal knows."""


class DebateStatus(StrEnum):
    """How far a debate has come."""

    UNDER_WAY = "under way"
    HELD = "held"
    FAILED = "no verdict"
    ABANDONED = "abandoned"


@dataclass(frozen=True, slots=True, kw_only=True)
class DebateEntry:
    """One debate.

    Attributes:
        debate_id: Counts within the run; None while one of a round is under way.
        ts_ms: Market time at which it was asked for, or held in a round.
        agent: Whose.
        status: How far it has come.
        symbols: What it is about.
        is_asked: Whether somebody asked for it; else it was held for a round.
        round: In which, where it was held for one that is known.
        by: Who asked for it; empty where nobody did, or it is not known any more.
        execute: Whether the verdict is to be acted upon.
        debate: What was said; None while it is under way, where it came to nothing, or until it is read.
        first_call_id: `DebateMessage.call` counts from there; None where no call is known.
        targets: What the judge wants held.
        refused: What of its answer could not be used.
        checks: What the risk gate says of the orders the targets make.
        reason: Why there is no verdict; empty where there is one, or may be.
        decision_id: The decision its verdict has become.
        agreement: Share of the analysts that agree, 0 … 1; None where there is none.
        is_disagreed: Whether that is below what settings ask for.
        sides: Symbol → the stance of the judge.
        spent: What its model calls have cost; None where that is not known.
        took_ms: Real time from the first question to the last answer; None where that is not known.
        outcome: What became of its decision, as the journal says; empty: not read.
    """

    debate_id: int | None
    ts_ms: int
    agent: str
    status: DebateStatus
    symbols: tuple[str, ...] = ()
    is_asked: bool = False
    round: int | None = None
    by: str = ""
    execute: bool = False
    debate: Debate | None = None
    first_call_id: int | None = None
    targets: tuple[Target, ...] = ()
    refused: tuple[str, ...] = ()
    checks: tuple[str, ...] = ()
    reason: str = ""
    decision_id: int | None = None
    agreement: float | None = None
    is_disagreed: bool = False
    sides: Mapping[str, str] = field(default_factory=dict)
    spent: Spent | None = None
    took_ms: int | None = None
    outcome: str = ""

    @property
    def key(self) -> int | str:
        """Tells it from others: its number, or who holds it now."""
        return self.agent if self.debate_id is None else self.debate_id

    @property
    def speaker(self) -> str:
        """Whose words passing by are its own."""
        return f"{self.agent}#{self.debate_id}" if self.is_asked else self.agent

    @property
    def is_under_way(self) -> bool:
        """Whether more is to be said."""
        return self.status is DebateStatus.UNDER_WAY


@dataclass(frozen=True, slots=True)
class _Called:
    """What a model call of an agent has cost.

    Attributes:
        call_id: Which.
        debate_id: For which debate that was asked for; None: for a round.
        cost: Micro-dollars; None where nobody knows.
        asked_ms: Real time.
        answered_ms: Likewise.
    """

    call_id: int
    debate_id: int | None
    cost: int | None
    asked_ms: int
    answered_ms: int


@dataclass(slots=True)
class DebateHistory:
    """The debates among the latest events.

    Attributes:
        entries: By number.
    """

    entries: dict[int, DebateEntry] = field(default_factory=dict)
    _ended: deque[tuple[int, int]] = field(default_factory=deque)
    _calls: dict[str, list[_Called]] = field(default_factory=dict)
    _undecided: dict[str, int] = field(default_factory=dict)

    def begin(self, under_way: Mapping[int, UnderWay]) -> None:
        """Takes in the debates that were under way when the dashboard attached."""
        for debate_id, each in under_way.items():
            self.entries[debate_id] = DebateEntry(
                debate_id=debate_id,
                ts_ms=each.asked_ms,
                agent=each.agent,
                status=DebateStatus.UNDER_WAY,
                symbols=(each.symbol,),
                is_asked=True,
                by=each.by,
                execute=each.execute,
            )

    def take(self, recorded: Recorded) -> None:
        """Takes in the next event."""
        match recorded.event:
            case ModelCalled() as event:
                self._calls.setdefault(event.agent, []).append(_called(event))
            case DebateAsked() as event:
                asked = UnderWay(
                    agent=event.agent,
                    symbol=event.symbol,
                    by=event.by,
                    execute=event.execute,
                    asked_ms=recorded.ts_ms,
                )
                self.begin({event.debate_id: asked})
            case DebateHeld() as event:
                self._hold(recorded, event)
            case DebateAbandoned() as event:
                self._abandon(recorded, event)
            case DecisionMade(agent=agent) | DecisionFailed(agent=agent) as event:
                self._decide(agent, event)
                self._calls.pop(agent, None)

    def prune(self, until_seq: int) -> None:
        """Forgets debates that were over by an event, and the oldest of too many."""
        while self._ended and (self._ended[0][0] <= until_seq or len(self._ended) > MOST_DEBATES):
            self.entries.pop(self._ended.popleft()[1], None)

    def _hold(self, recorded: Recorded, event: DebateHeld) -> None:
        debate, before = event.debate, self.entries.get(event.debate_id)
        calls = self._calls_of(event)
        self.entries[event.debate_id] = DebateEntry(
            debate_id=event.debate_id,
            ts_ms=recorded.ts_ms if before is None else before.ts_ms,
            agent=event.agent,
            status=DebateStatus.FAILED if event.failed else DebateStatus.HELD,
            symbols=debate.symbols,
            is_asked=event.asked,
            round=event.round,
            by="" if before is None else before.by,
            execute=event.decision_id is not None or (before is not None and before.execute),
            debate=debate,
            first_call_id=event.first_call_id,
            targets=event.proposal,
            refused=event.refused,
            checks=event.checks,
            reason=event.failed,
            decision_id=event.decision_id,
            agreement=debate.agreement,
            is_disagreed=debate.is_disagreed,
            sides=sides_of(judge_of(debate)),
            spent=None if calls is None else _spent(calls),
            took_ms=_took_ms(calls),
        )
        self._ended.append((recorded.seq, event.debate_id))
        if not event.asked:
            self._undecided[event.agent] = event.debate_id

    def _calls_of(self, event: DebateHeld) -> list[_Called] | None:
        """Its model calls; None where the first of them is not among the latest events."""
        asked_for = event.debate_id if event.asked else None
        told = self._calls.get(event.agent, [])
        mine = [each for each in told if each.debate_id == asked_for and each.call_id >= event.first_call_id]
        self._calls[event.agent] = [each for each in told if each not in mine]
        if mine and mine[0].call_id == event.first_call_id:
            return mine
        return None if mine or _made_calls(event.debate) else []

    def _abandon(self, recorded: Recorded, event: DebateAbandoned) -> None:
        before = self.entries.get(event.debate_id)
        if before is None:
            before = DebateEntry(
                debate_id=event.debate_id,
                ts_ms=recorded.ts_ms,
                agent=event.agent,
                status=DebateStatus.ABANDONED,
                is_asked=True,
            )
        self.entries[event.debate_id] = replace(before, status=DebateStatus.ABANDONED, reason=event.reason)
        self._ended.append((recorded.seq, event.debate_id))

    def _decide(self, agent: str, event: DecisionMade | DecisionFailed) -> None:
        """A round's debate has come to a decision, or to none."""
        debate_id = self._undecided.pop(agent, 0)
        entry = self.entries.get(debate_id)
        if entry is None or entry.round != event.round:
            return
        if isinstance(event, DecisionMade):
            entry = replace(
                entry, decision_id=event.decision_id, targets=event.targets, refused=event.refused
            )
        else:
            entry = replace(entry, status=DebateStatus.FAILED, reason=event.message)
        self.entries[debate_id] = entry


def judge_of(debate: Debate | None) -> DebateMessage | None:
    """What the judge said; None where it was not asked."""
    if debate is None:
        return None
    return next((each for each in reversed(debate.messages) if each.role == JUDGE), None)


def sides_of(message: DebateMessage | None) -> dict[str, str]:
    """Symbol → the stance a message takes."""
    return {} if message is None else {each.symbol: each.stance.value for each in message.stances}


def _called(event: ModelCalled) -> _Called:
    call = event.call
    return _Called(event.call_id, event.debate_id, call.cost, call.asked_ms, call.asked_ms + call.latency_ms)


def _made_calls(debate: Debate) -> bool:
    shadow = () if debate.shadow is None else (debate.shadow,)
    return any(each.call is not None for each in (*debate.messages, *shadow))


def _spent(calls: Iterable[_Called]) -> Spent:
    spent = Spent()
    for call in calls:
        spent.calls += 1
        spent.unpriced += call.cost is None
        spent.cost += call.cost or 0
    return spent


def _took_ms(calls: list[_Called] | None) -> int | None:
    if not calls:
        return None
    return max(call.answered_ms for call in calls) - min(call.asked_ms for call in calls)
