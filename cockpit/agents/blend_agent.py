"""A contestant that follows several strategies at once, each by its weight."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import partial
from typing import Any

import msgspec

from cockpit.agents.agent import AccountView, MarketView
from cockpit.agents.strategy_agent import StrategyAgent
from cockpit.agents.worker_thread import WorkerBusy, WorkerThread
from cockpit.domain.decisions import Decision, DecisionFailure, FailureKind, Target, crash_of
from cockpit.trading.decision_checks import MAX_REASON_LENGTH

_LastWords = dict[str, dict[str, Target]]
"""Member → symbol → what it last wanted."""

_Minds = dict[str, Callable[[MarketView, AccountView], tuple[Target, ...]]]
"""Member → what gives its targets."""


class BlendAgent:
    """Wants the weighted mean of what its members want; its orders are split by their weights.

    All members see the blend's own account. A stop is the tightest, a take-profit the nearest, of the
    members that stand on the side of the mean.

    Args:
        name: Unique in the arena.
        members: Agents that each follow one strategy; their names are unique in the blend.
        weights: Member name → weight > 0.
        symbols: What it trades.

    Raises:
        ValueError: If there is no member, or a weight is not positive.
    """

    kind = "blend"
    grounded = ""
    is_control = False

    def __init__(
        self,
        name: str,
        members: Sequence[StrategyAgent],
        weights: Mapping[str, float],
        *,
        symbols: Sequence[str],
    ) -> None:
        if not members or any(weights[member.name] <= 0 for member in members):
            raise ValueError("a blend needs strategies with weights above 0")
        self.name = name
        self._members = tuple(members)
        self._weights = {member.name: weights[member.name] for member in members}
        self._symbols = tuple(symbols)
        total = sum(self._weights.values())
        shares = (f"{share / total:.0%} {member}" for member, share in self._weights.items())
        self.summary = f"follows {', '.join(shares)}"
        self.history_ms = max(member.history_ms for member in members)
        self._thread = WorkerThread(name)
        self._last: _LastWords = {member.name: {} for member in members}

    async def decide(self, view: MarketView, own: AccountView) -> Decision | DecisionFailure:
        """See `Agent`."""
        try:
            return await self._thread.run(partial(self._answer, self._last, self._minds(), view, own))
        except WorkerBusy:
            message = f"{self.name} is still at work on an earlier round"
            return DecisionFailure(agent=self.name, failure=FailureKind.TIMEOUT, message=message)
        except Exception as error:  # noqa: BLE001 - whatever a strategy raises is its failure, told as such
            return crash_of(self.name, error)

    def relive(self, view: MarketView, own: AccountView) -> None:
        """See `Agent`."""
        self._answer(self._last, self._minds(), view, own)

    def forget(self) -> None:
        """See `Agent`: new memories, so that a late call on the old ones changes nothing that counts."""
        for member in self._members:
            member.forget()
        self._last = {member.name: {} for member in self._members}

    def memory(self) -> bytes:
        """See `Agent`."""
        members = {member.name: msgspec.Raw(member.memory()) for member in self._members}
        return msgspec.json.encode({"members": members, "last": self._last})

    def restore(self, memory: object) -> None:
        """See `Agent`."""
        match memory:
            case {"members": dict(members), "last": last} if members.keys() == self._weights.keys():
                for member in self._members:
                    member.restore(members[member.name])
                self._last = self._restored(last)
            case _:
                raise ValueError(f"the stored memory of {self.name} is not that of its blend")

    def _restored(self, last: Any) -> _LastWords:
        try:
            words = msgspec.convert(last, _LastWords)
        except msgspec.ValidationError as error:
            raise ValueError(f"the stored memory of {self.name} does not fit: {error}") from error
        return {name: words.get(name, {}) for name in self._weights}

    def close(self) -> None:
        """See `Agent`."""
        self._thread.close()
        for member in self._members:
            member.close()

    def _minds(self) -> _Minds:
        return {member.name: member.mind() for member in self._members}

    def _answer(self, last: _LastWords, minds: _Minds, view: MarketView, own: AccountView) -> Decision:
        for name, targets in minds.items():
            last[name] |= {target.symbol: target for target in targets(view, own)}
        blended = (self._blended(symbol, last, view.marks.get(symbol)) for symbol in self._symbols)
        return Decision(agent=self.name, targets=tuple(target for target in blended if target is not None))

    def _blended(self, symbol: str, last: _LastWords, mark: float | None) -> Target | None:
        words = {name: said[symbol] for name, said in last.items() if symbol in said}
        if not words or mark is None:
            return None
        exposure = max(-1.0, min(1.0, self._mean({name: each.exposure for name, each in words.items()})))
        given = {name: each.confidence for name, each in words.items() if each.confidence is not None}
        reasons = "; ".join(f"{name}: {each.reason}" for name, each in words.items())
        stop, take_profit = _nearest_exits(words.values(), exposure, mark)
        return Target(
            symbol=symbol,
            exposure=exposure,
            stop=stop,
            take_profit=take_profit,
            confidence=self._mean(given) if given else None,
            reason=reasons[:MAX_REASON_LENGTH],
            weights=tuple((name, self._weights[name]) for name in words),
        )

    def _mean(self, values: Mapping[str, float]) -> float:
        total = sum(self._weights[name] for name in values)
        return sum(self._weights[name] * value for name, value in values.items()) / total


def _nearest_exits(
    words: Iterable[Target], exposure: float, mark: float
) -> tuple[float | None, float | None]:
    """The stop and take-profit next to the mark, of those who are on this side and not passed already."""
    allies = [target for target in words if target.exposure * exposure > 0]
    stops = [ally.stop for ally in allies if ally.stop is not None and (mark - ally.stop) * exposure > 0]
    targets = [
        ally.take_profit
        for ally in allies
        if ally.take_profit is not None and (ally.take_profit - mark) * exposure > 0
    ]
    return (
        min(stops, key=lambda stop: abs(mark - stop), default=None),
        min(targets, key=lambda target: abs(mark - target), default=None),
    )
