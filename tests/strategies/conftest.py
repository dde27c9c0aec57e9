"""Candle tables, and a desk that fills what a strategy asks for."""

import csv
import gzip
import math
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import pytest

from cockpit.domain.market import MINUTE_MS, Bar
from cockpit.strategies.strategy import FLAT, Answer, Strategy, StrategyPosition


class Desk:
    """One strategy on one symbol: fills at the next open, stops and targets inside the bar."""

    def __init__(self, strategy: type[Strategy], **params: float) -> None:
        self.strategy = strategy
        self.params = strategy.make_params(params)
        self.state = strategy.State()
        self.position = FLAT
        self.answer = Answer()
        self.is_filling = True

    def see(self, bar: Bar) -> Answer:
        if self.is_filling:
            self._fill(bar)
        self.answer = Answer(*self.strategy.step(self.params, self.state, bar, self.position))
        return self.answer

    def watch(self, bars: Sequence[Bar]) -> list[Answer]:
        return [self.see(bar) for bar in bars]

    def reason(self) -> str:
        return self.strategy.reasons[self.answer.reason]

    def close_from_outside(self) -> None:
        self.position = FLAT
        self.answer = Answer()

    def _fill(self, bar: Bar) -> None:
        wanted, held = self.answer.exposure, self.position.exposure
        if not math.isnan(wanted) and wanted != held:
            self.position = StrategyPosition(wanted, bar.open, 0) if wanted else FLAT
        side = self.position.exposure
        against, along = (bar.low, bar.high) if side > 0 else (bar.high, bar.low)
        if side and (
            (against - self.answer.stop) * side <= 0 or (along - self.answer.take_profit) * side >= 0
        ):
            self.position = FLAT
        elif side:
            self.position = self.position._replace(held_bars=self.position.held_bars + 1)


@pytest.fixture
def desk() -> type[Desk]:
    return Desk


@pytest.fixture
def table() -> Callable[..., list[Bar]]:
    """Bars out of rows: a close alone (the open is the close before), or (open, high, low, close)."""

    def rows_to_bars(rows: Sequence[Any], volume: float = 1.0) -> list[Bar]:
        bars: list[Bar] = []
        for index, row in enumerate(rows):
            bars.append(Bar(index * MINUTE_MS, *map(float, _prices(row, bars)), volume))
        return bars

    return rows_to_bars


def _prices(row: Any, before: Sequence[Bar]) -> tuple[float, float, float, float]:
    if isinstance(row, tuple):
        return row
    opened = before[-1].close if before else row
    return opened, max(opened, row), min(opened, row), row


@pytest.fixture(scope="session")
def candles(shared_data: Path) -> Callable[..., list[Bar]]:
    """Recorded candles of a Hyperliquid perpetual."""

    def read(symbol: str, interval: str = "1m", count: int = 3000) -> list[Bar]:
        path = shared_data / "candles" / "hyperliquid_perp" / f"{symbol}-{interval}.csv.gz"
        with gzip.open(path, "rt") as lines:
            rows = csv.reader(lines)
            next(rows)
            return [
                Bar(int(row[0]), *map(float, row[1:])) for row, _ in zip(rows, range(count), strict=False)
            ]

    return read
