"""A rule strategy as a contestant: which bars it is stepped over, what it answers, what it remembers."""

import json
import math
from dataclasses import dataclass
from typing import ClassVar

import pytest

from cockpit.agents.agent import AccountView, MarketView
from cockpit.agents.strategy_agent import StrategyAgent
from cockpit.domain.accounts import Account, Position
from cockpit.domain.decisions import Decision, DecisionFailure, FailureKind, Target
from cockpit.domain.market import MINUTE_MS, Bar, Instrument, Lots, Micros
from cockpit.markets.candles import Candles
from cockpit.markets.market import MarketStep
from cockpit.strategies.strategy import Strategy, StrategyError, StrategyParams, param

SYMBOLS = ("BTC/USDC:USDC", "ETH/USDC:USDC")
FLAT = AccountView(account=Account(agent="watcher", cash=Micros(10_000_000_000)), equity=10_000_000_000)
SEEN = []


class Watcher(Strategy):
    """Writes down what it is stepped over; wants as much as the count of its bars, in hundredths."""

    name: ClassVar[str] = "watcher"
    summary: ClassVar[str] = "Watches."
    reasons: ClassVar[tuple[str, ...]] = ("warming up", "watching")

    @dataclass(frozen=True, slots=True, kw_only=True)
    class Params(StrategyParams):
        warmup: int = param(2, low=1, high=10)

    @dataclass(slots=True)
    class State:
        bars: int = 0

    @classmethod
    def warmup_bars(cls, params):
        return params.warmup

    @staticmethod
    def step(params, state, bar, position):
        state.bars += 1
        SEEN.append((bar, position))
        if bar.close == 13.0:
            raise ValueError("thirteen")
        if state.bars < params.warmup:
            return math.nan, math.nan, math.nan, math.nan, 0
        return state.bars / 100, bar.close * 0.9, math.nan, 0.5, 1


def instrument(symbol):
    return Instrument(
        symbol=symbol,
        base=symbol[:3],
        quote="USDC",
        tick_size=0.01,
        lot_size=0.001,
        min_notional=Micros(10_000_000),
        maker_fee_rate=0.0,
        taker_fee_rate=0.0005,
        max_leverage=10.0,
    )


class Story:
    """A market told bar by bar: one close per symbol and minute, None for no bar."""

    def __init__(self):
        SEEN.clear()
        self.candles = Candles(SYMBOLS, MINUTE_MS)
        self.now_ms = 0
        self.marks = {}

    def tell(self, *closes):
        bars = []
        for symbol, close in zip(SYMBOLS, closes, strict=True):
            bars.append(None if close is None else Bar(self.now_ms, close, close, close, close, 1.0))
            if close is not None:
                self.marks[symbol] = close
        self.now_ms += MINUTE_MS
        self.candles.append(MarketStep(ts_ms=self.now_ms, bars=tuple(bars)))
        return self

    def view(self):
        return MarketView(
            ts_ms=self.now_ms,
            round=1,
            view_hash="",
            instruments={symbol: instrument(symbol) for symbol in SYMBOLS},
            marks=dict(self.marks),
            candles=self.candles.cut(),
        )


@pytest.fixture
def agent():
    made = StrategyAgent("watcher", Watcher, {}, timeframe="1m", symbols=SYMBOLS, share=0.5)
    yield made
    made.close()


async def test_the_first_view_is_stepped_over_from_its_history_and_the_next_from_where_it_left(agent):
    story = Story()
    for close in range(1, 9):
        story.tell(float(close), float(close))
    await agent.decide(story.view(), FLAT)
    first = [bar.close for bar, _ in SEEN[::2]]
    assert first == [4.0, 5.0, 6.0, 7.0, 8.0]
    SEEN.clear()
    await agent.decide(story.tell(9.0, 9.0).tell(10.0, 10.0).view(), FLAT)
    assert [bar.close for bar, _ in SEEN[::2]] == [9.0, 10.0]


async def test_it_answers_with_its_last_step_in_words(agent):
    decision = await agent.decide(Story().tell(10.0, 20.0).tell(11.0, 21.0).view(), FLAT)
    assert decision == Decision(
        agent="watcher",
        targets=(
            Target(symbol=SYMBOLS[0], exposure=0.02, stop=9.9, confidence=0.5, reason="watching"),
            Target(symbol=SYMBOLS[1], exposure=0.02, stop=21.0 * 0.9, confidence=0.5, reason="watching"),
        ),
    )


async def test_while_warming_up_it_has_no_targets(agent):
    assert await agent.decide(Story().tell(10.0, 20.0).view(), FLAT) == Decision(agent="watcher", targets=())


async def test_without_a_new_bar_of_its_timeframe_it_says_nothing_new():
    agent = StrategyAgent("watcher", Watcher, {}, timeframe="5m", symbols=SYMBOLS, share=0.5)
    story = Story()
    for _ in range(10):
        story.tell(10.0, 20.0)
    assert (await agent.decide(story.view(), FLAT)).targets
    assert (await agent.decide(story.tell(11.0, 21.0).view(), FLAT)).targets == ()
    agent.close()


async def test_a_missing_bar_is_stepped_over_flat_and_counts_as_time(agent):
    story = Story().tell(10.0, 20.0).tell(10.0, 20.0)
    await agent.decide(story.view(), FLAT)
    SEEN.clear()
    await agent.decide(story.tell(11.0, None).tell(None, None).view(), FLAT)
    assert [(bar.close, bar.volume) for bar, _ in SEEN] == [
        (11.0, 1.0),
        (20.0, 0.0),
        (11.0, 0.0),
        (20.0, 0.0),
    ]


async def test_it_sees_its_own_position_as_a_share_of_its_capital(agent):
    story = Story().tell(10.0, 20.0).tell(10.0, 20.0)
    position = Position(
        symbol=SYMBOLS[0],
        signed_lots=Lots(250_000),
        cost=Micros(2_250_000_000),
        opened_ms=60_000,
        entry_lots=Lots(250_000),
    )
    own = AccountView(
        account=Account(agent="watcher", cash=Micros(0), positions={SYMBOLS[0]: position}),
        equity=10_000_000_000,
    )
    await agent.decide(story.view(), own)
    assert SEEN[-2][1] == (pytest.approx(0.5), pytest.approx(9.0), 1)
    assert SEEN[-1][1].exposure == 0.0


async def test_a_strategy_that_raises_is_a_crash_told_in_one_line(agent):
    failed = await agent.decide(Story().tell(13.0, 20.0).view(), FLAT)
    assert failed == DecisionFailure(
        agent="watcher", failure=FailureKind.CRASH, message="ValueError: thirteen"
    )


async def test_what_it_remembers_survives_as_json_and_forgetting_begins_anew(agent):
    story = Story()
    for _ in range(6):
        story.tell(10.0, 20.0)
    await agent.decide(story.view(), FLAT)
    twin = StrategyAgent("watcher", Watcher, {}, timeframe="1m", symbols=SYMBOLS, share=0.5)
    twin.restore(json.loads(agent.memory()))
    view = story.tell(10.0, 20.0).view()
    assert await twin.decide(view, FLAT) == await agent.decide(view, FLAT)
    assert twin.memory() == agent.memory()
    twin.forget()
    assert json.loads(twin.memory())["last_open_ms"] is None
    twin.close()


async def test_reliving_a_view_leaves_the_memory_that_deciding_left(agent):
    story = Story().tell(10.0, 20.0).tell(11.0, 21.0)
    twin = StrategyAgent("watcher", Watcher, {}, timeframe="1m", symbols=SYMBOLS, share=0.5)
    await agent.decide(story.view(), FLAT)
    twin.relive(story.view(), FLAT)
    assert twin.memory() == agent.memory()
    twin.close()


@pytest.mark.parametrize(
    "memory", [None, {}, {"last_open_ms": "x", "stepper": {}}, {"last_open_ms": 1, "stepper": {}}]
)
def test_another_agent_s_memory_is_refused(agent, memory):
    with pytest.raises(ValueError, match="stored"):
        agent.restore(memory)


def test_an_unknown_parameter_is_refused_by_name():
    with pytest.raises(StrategyError, match="watcher has no parameter speed"):
        StrategyAgent("watcher", Watcher, {"speed": 1}, timeframe="1m", symbols=SYMBOLS, share=0.5)
