"""A strategy at work, live: one state per symbol, stepped as bars close, whichever kind it is."""

import math
from collections.abc import Sequence
from typing import Any

from cockpit.domain.market import Bar
from cockpit.strategies.state_data import state_from_data, state_to_json
from cockpit.strategies.strategy import Answer, Strategy, StrategyError, StrategyPosition, flat_bar


class Stepper:
    """Steps one strategy over a fixed list of symbols.

    Args:
        strategy: Which.
        params: An instance of its `Params`.
        symbol_count: How many symbols; bars, positions and answers keep their order.
    """

    __slots__ = ("_last_closes", "_states", "params", "strategy")

    def __init__(self, strategy: type[Strategy], params: Any, symbol_count: int) -> None:
        self.strategy = strategy
        self.params = params
        self._states = [strategy.State() for _ in range(symbol_count)]
        self._last_closes = [math.nan] * symbol_count

    def step(
        self, open_ms: int, bars: Sequence[Bar | None], positions: Sequence[StrategyPosition]
    ) -> list[Answer]:
        """One answer per symbol, at the close of the bars that opened at `open_ms`.

        Where a symbol has no bar it is stepped over a flat one at its last close, without volume;
        a symbol that has had no bar yet has no opinion.
        """
        seen = [
            flat_bar(open_ms, self._last_closes[index]) if bar is None else bar
            for index, bar in enumerate(bars)
        ]
        self._last_closes = [bar.close for bar in seen]
        answers = [Answer() for _ in seen]
        if self.strategy.cross_symbol:
            self.strategy.step_all(self.params, self._states, seen, positions, answers)
        else:
            self._step_each(seen, positions, answers)
        return answers

    def _step_each(
        self, bars: Sequence[Bar], positions: Sequence[StrategyPosition], answers: list[Answer]
    ) -> None:
        step = self.strategy.step
        for index, bar in enumerate(bars):
            if not math.isnan(bar.close):
                answers[index] = Answer(*step(self.params, self._states[index], bar, positions[index]))

    def to_json(self) -> bytes:
        """All it remembers; see `state_data`."""
        return state_to_json({"last_closes": self._last_closes, "states": self._states})

    def restore(self, data: Any) -> None:
        """Takes up where `to_json` was called.

        Args:
            data: The decoded JSON.

        Raises:
            StrategyError: If the data is not of this strategy and number of symbols; nothing was changed.
        """
        count = len(self._states)
        match data:
            case {"last_closes": [*closes], "states": [*states]} if len(closes) == len(states) == count:
                restored = [state_from_data(self.strategy.State, state) for state in states]
                self._last_closes = [math.nan if close is None else float(close) for close in closes]
                self._states = restored
            case _:
                raise StrategyError(
                    f"stored state of {self.strategy.name} is not for {count} symbols; "
                    "step the strategy again over past bars"
                )
