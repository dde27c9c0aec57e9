"""A contestant that follows a rule strategy."""

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial

import msgspec

from cockpit.agents.agent import AccountView, MarketView
from cockpit.agents.worker_thread import WorkerBusy, WorkerThread
from cockpit.domain.accounts import Position
from cockpit.domain.decisions import Decision, DecisionFailure, FailureKind, Target, crash_of
from cockpit.domain.market import Bar
from cockpit.markets.timeframes import timeframe_ms
from cockpit.strategies.stepper import Stepper
from cockpit.strategies.strategy import FLAT, Answer, Strategy, StrategyError, StrategyPosition
from cockpit.trading.accounting import entry_price, notional_micros

HISTORY_FACTOR = 2
"""A first view shows twice the bars a strategy needs, so that its averages have settled."""


@dataclass(slots=True)
class _Memory:
    stepper: Stepper
    last_open_ms: int | None = None


class StrategyAgent:
    """Steps a strategy over every bar of its timeframe, and answers with its latest targets.

    Args:
        name: Unique in the arena.
        strategy: Which rule.
        params: Parameter name → value; the strategy's defaults otherwise.
        timeframe: Of the bars it is stepped over.
        symbols: What it trades.
        share: Fraction of equity that full exposure to one symbol takes.

    Raises:
        StrategyError: If a parameter is unknown or out of bounds.
        ValueError: If the timeframe is none.
    """

    kind = "strategy"
    grounded = ""

    def __init__(
        self,
        name: str,
        strategy: type[Strategy],
        params: Mapping[str, float],
        *,
        timeframe: str,
        symbols: Sequence[str],
        share: float,
    ) -> None:
        self.name = name
        self.summary = strategy.summary
        self.is_control = strategy.is_control
        self._strategy = strategy
        self._params = strategy.make_params(params)
        self._timeframe = timeframe
        self._interval_ms = timeframe_ms(timeframe)
        self._symbols = tuple(symbols)
        self._share = share
        self._history_bars = HISTORY_FACTOR * strategy.warmup_bars(self._params) + 1
        self.history_ms = self._history_bars * self._interval_ms
        self._thread = WorkerThread(name)
        self.forget()

    async def decide(self, view: MarketView, own: AccountView) -> Decision | DecisionFailure:
        """See `Agent`."""
        try:
            return await self._thread.run(partial(self._answer, self._memory, view, own))
        except WorkerBusy:
            message = f"{self.name} is still at work on an earlier round"
            return DecisionFailure(agent=self.name, failure=FailureKind.TIMEOUT, message=message)
        except Exception as error:  # noqa: BLE001 - whatever a strategy raises is its failure, told as such
            return crash_of(self.name, error)

    def relive(self, view: MarketView, own: AccountView) -> None:
        """See `Agent`."""
        self._advance(self._memory, view, own)

    def mind(self) -> Callable[[MarketView, AccountView], tuple[Target, ...]]:
        """What gives its targets on what closed since the last view, with the memory it has now.

        Whoever goes on with it after `forget` changes nothing that counts.
        """
        memory = self._memory
        return lambda view, own: self._answer(memory, view, own).targets

    def forget(self) -> None:
        """See `Agent`: a new memory, so that a late call on the old one changes nothing that counts."""
        self._memory = _Memory(stepper=Stepper(self._strategy, self._params, len(self._symbols)))

    def memory(self) -> bytes:
        """See `Agent`."""
        stepper = self._memory.stepper.to_json()
        return b'{"last_open_ms":%b,"stepper":%b}' % (msgspec.json.encode(self._memory.last_open_ms), stepper)

    def restore(self, memory: object) -> None:
        """See `Agent`."""
        match memory:
            case {"last_open_ms": int() | None as last_open_ms, "stepper": dict(data)}:
                try:
                    self._memory.stepper.restore(data)
                except StrategyError as error:
                    raise ValueError(str(error)) from error
                self._memory.last_open_ms = last_open_ms
            case _:
                raise ValueError(f"the stored memory of {self.name} is not a strategy's")

    def close(self) -> None:
        """See `Agent`."""
        self._thread.close()

    def _answer(self, memory: _Memory, view: MarketView, own: AccountView) -> Decision:
        answers = self._advance(memory, view, own)
        targets = (
            self._target(symbol, answer)
            for symbol, answer in zip(self._symbols, answers, strict=False)
            if not math.isnan(answer.exposure)
        )
        return Decision(agent=self.name, targets=tuple(targets))

    def _target(self, symbol: str, answer: Answer) -> Target:
        return Target(
            symbol=symbol,
            exposure=answer.exposure,
            stop=_defined(answer.stop),
            take_profit=_defined(answer.take_profit),
            confidence=_defined(answer.confidence),
            reason=self._strategy.reasons[answer.reason],
        )

    def _advance(self, memory: _Memory, view: MarketView, own: AccountView) -> list[Answer]:
        """Steps over the bars that closed since the last view; no answers where there are none."""
        answers = list[Answer]()
        columns = [self._new_bars(view, symbol, memory.last_open_ms) for symbol in self._symbols]
        last_open_ms = view.ts_ms - view.ts_ms % self._interval_ms - self._interval_ms
        if memory.last_open_ms is None:
            first_open_ms = min(
                (open_ms for column in columns for open_ms in column), default=last_open_ms + 1
            )
        else:
            first_open_ms = memory.last_open_ms + self._interval_ms
        for open_ms in range(first_open_ms, last_open_ms + 1, self._interval_ms):
            bars = [column.get(open_ms) for column in columns]
            answers = memory.stepper.step(open_ms, bars, self._positions(view, own, open_ms))
        memory.last_open_ms = last_open_ms
        return answers

    def _new_bars(self, view: MarketView, symbol: str, last_open_ms: int | None) -> dict[int, Bar]:
        if last_open_ms is None:
            bars = view.candles.bars(symbol, self._timeframe, limit=self._history_bars)
        else:
            after_ms = last_open_ms + self._interval_ms
            bars = view.candles.bars(symbol, self._timeframe, after_ms=after_ms)
        return {bar.open_ms: bar for bar in bars}

    def _positions(self, view: MarketView, own: AccountView, open_ms: int) -> list[StrategyPosition]:
        held = own.account.positions
        close_ms = open_ms + self._interval_ms
        return [
            self._position(view, own, held[symbol], close_ms)
            if symbol in held and held[symbol].opened_ms < close_ms
            else FLAT
            for symbol in self._symbols
        ]

    def _position(
        self, view: MarketView, own: AccountView, position: Position, close_ms: int
    ) -> StrategyPosition:
        instrument = view.instruments[position.symbol]
        notional = notional_micros(position.signed_lots, instrument.lot_size, view.marks[position.symbol])
        capital = own.equity * self._share
        exposure = notional / capital if capital > 0 else math.copysign(1.0, notional)
        held_bars = max(0, close_ms - position.opened_ms) // self._interval_ms
        return StrategyPosition(exposure, entry_price(position, instrument), held_bars)


def _defined(value: float) -> float | None:
    return None if math.isnan(value) else value
