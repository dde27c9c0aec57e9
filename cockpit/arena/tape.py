"""The tape: what the market has said so far, and the views agents are shown of it."""

from collections import deque
from collections.abc import Iterable
from dataclasses import dataclass, field

from cockpit.agents.agent import MarketView
from cockpit.domain.events import MarketAdvanced
from cockpit.domain.market import Bar, Instrument
from cockpit.markets.candles import Candles, CandlesCut
from cockpit.markets.market import MarketStep
from cockpit.markets.view_hash import GENESIS, view_hash
from cockpit.trading.state import ArenaState


@dataclass(slots=True, kw_only=True)
class Tape:
    """Takes in market steps and cuts views from them.

    Attributes:
        instruments: In the market's order.
        candles: Closed bars of every timeframe.
        reach: How many steps a view's hash covers at most, the latest: as many as are read again when a run
            is taken up, so that it comes out the same then.
    """

    instruments: tuple[Instrument, ...]
    candles: Candles
    reach: int
    _since_view: deque[MarketStep] = field(init=False)

    def __post_init__(self) -> None:
        self._since_view = deque(maxlen=self.reach)

    def append(self, step: MarketStep) -> None:
        """Takes in what just became known."""
        self.candles.append(step)
        self._since_view.append(step)

    def drop_seen(self, until_ms: int) -> None:
        """Leaves steps up to an instant out of the next view's hash: an earlier view has them."""
        while self._since_view and self._since_view[0].ts_ms <= until_ms:
            self._since_view.popleft()

    def view(self, state: ArenaState, ts_ms: int) -> MarketView:
        """The next round's view; its hash covers the steps since the view before, and that view's hash."""
        hashed = view_hash(state.view_hash or GENESIS, ts_ms, self._since_view)
        self._since_view.clear()
        return MarketView(
            ts_ms=ts_ms,
            round=state.round + 1,
            view_hash=hashed,
            instruments={instrument.symbol: instrument for instrument in self.instruments},
            marks=dict(state.marks),
            candles=self.candles.cut(ts_ms),
        )

    def glance(self, state: ArenaState, symbol: str, ts_ms: int) -> MarketView:
        """One instrument as it stands, outside of rounds; the next round's view is as if nobody had looked.

        Its round is the last that was opened. Every mark is in it, since an account may hold more. Where the
        instrument has none so far, its last close stands for it.
        """
        candles = self.candles.cut(ts_ms)
        return MarketView(
            ts_ms=ts_ms,
            round=state.round,
            view_hash=view_hash(state.view_hash or GENESIS, ts_ms, self._since_view),
            instruments={each.symbol: each for each in self.instruments if each.symbol == symbol},
            marks=last_closes(candles, [symbol]) | state.marks,
            candles=candles,
        )

    def bars(self, step: MarketStep) -> dict[str, Bar]:
        """The bars of a step by symbol; symbols without one are left out."""
        pairs = zip(self.instruments, step.bars, strict=True)
        return {instrument.symbol: bar for instrument, bar in pairs if bar is not None}

    def advance(self, state: ArenaState, step: MarketStep) -> MarketAdvanced:
        """The event a step stands for: each instrument's mark is its last close."""
        bars = self.bars(step)
        symbols = [instrument.symbol for instrument in self.instruments]
        marks = (bars[symbol].close if symbol in bars else state.marks.get(symbol) for symbol in symbols)
        return MarketAdvanced(
            marks=tuple(marks),
            fresh=tuple(symbol in bars for symbol in symbols),
            lows=tuple(None if bar is None else bar.low for bar in step.bars),
            highs=tuple(None if bar is None else bar.high for bar in step.bars),
        )


def last_closes(candles: CandlesCut, symbols: Iterable[str]) -> dict[str, float]:
    """The newest close of each symbol, quote per base unit; those without a bar are left out."""
    base = candles.timeframes[0]
    last = {symbol: candles.bars(symbol, base, limit=1) for symbol in symbols}
    return {symbol: bars[-1].close for symbol, bars in last.items() if bars}
