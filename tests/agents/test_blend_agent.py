"""A blend of strategies as a contestant: one word out of several, and whose share is how large."""

import json
import math
from dataclasses import dataclass
from typing import ClassVar

import pytest

from cockpit.agents.agent import AccountView, MarketView
from cockpit.agents.blend_agent import BlendAgent
from cockpit.agents.strategy_agent import StrategyAgent
from cockpit.domain.accounts import Account
from cockpit.domain.decisions import DecisionFailure, FailureKind
from cockpit.domain.market import MINUTE_MS, Bar
from cockpit.markets.candles import Candles
from cockpit.markets.market import MarketStep
from cockpit.strategies.strategy import Strategy, StrategyParams, param
from tests.trading.arena_facts import BTC, ETH, usd

SYMBOLS = (BTC.symbol, ETH.symbol)
FLAT = AccountView(account=Account(agent="blend", cash=usd(10_000)), equity=usd(10_000))


class Stubborn(Strategy):
    """Wants the same exposure on every bar, with a stop and a target so far from the close."""

    name: ClassVar[str] = "stubborn"
    summary: ClassVar[str] = "Never changes its mind."
    reasons: ClassVar[tuple[str, ...]] = ("because", "still waiting")

    @dataclass(frozen=True, slots=True, kw_only=True)
    class Params(StrategyParams):
        exposure: float = param(1.0, low=-1.0, high=1.0)
        stop: float = param(0.1, low=0.0, high=0.9)
        confidence: float = param(0.5, low=0.0, high=1.0)
        waits: int = param(0, low=0, high=9)

    @dataclass(slots=True)
    class State:
        bars: int = 0

    @classmethod
    def warmup_bars(cls, params):
        return 1

    @staticmethod
    def step(params, state, bar, position):
        state.bars += 1
        if bar.close == 13.0:
            raise ValueError("thirteen")
        if state.bars <= params.waits:
            return math.nan, math.nan, math.nan, math.nan, 1
        side = 1.0 if params.exposure > 0 else -1.0
        stop = bar.close * (1.0 - side * params.stop) if params.stop else math.nan
        target = bar.close * (1.0 + side * params.stop) if params.stop else math.nan
        return params.exposure, stop, target, params.confidence, 0


def member(name, **params):
    return StrategyAgent(name, Stubborn, params, timeframe="1m", symbols=list(SYMBOLS), share=1.0)


def blend(*members, **weights):
    return BlendAgent("blend", members, weights, symbols=SYMBOLS)


class Story:
    """A market told bar by bar, and a view of it after each."""

    def __init__(self):
        self.candles, self.now_ms, self.marks = Candles(SYMBOLS, MINUTE_MS), 0, {}

    def tell(self, btc, eth=100.0):
        bars = tuple(
            None if close is None else Bar(self.now_ms, close, close, close, close, 1.0)
            for close in (btc, eth)
        )
        self.now_ms += MINUTE_MS
        self.candles.append(MarketStep(ts_ms=self.now_ms, bars=bars))
        told = zip(SYMBOLS, (btc, eth), strict=True)
        self.marks |= {symbol: close for symbol, close in told if close is not None}
        return MarketView(
            ts_ms=self.now_ms,
            round=1,
            view_hash="",
            instruments={BTC.symbol: BTC, ETH.symbol: ETH},
            marks=dict(self.marks),
            candles=self.candles.cut(self.now_ms),
        )


async def word_on_btc(agent, view=None):
    decision = await agent.decide(view or Story().tell(100.0), FLAT)
    agent.close()
    return {target.symbol: target for target in decision.targets}[BTC.symbol]


# fmt: off
MEANS = [
    # exposures, weights, the blend's
    ((1.0, 0.5),        (1.0, 1.0), 0.75),
    ((1.0, 0.5),        (3.0, 1.0), 0.875),
    ((1.0, -1.0),       (1.0, 1.0), 0.0),
    ((1.0, -1.0),       (1.0, 3.0), -0.5),
    ((-1.0, -1.0),      (0.3, 0.6), -1.0),
    ((0.1, 0.1),        (0.1, 0.7), 0.1),
]
# fmt: on


@pytest.mark.parametrize(("exposures", "weights", "expected"), MEANS)
async def test_it_wants_the_weighted_mean_of_what_its_members_want(exposures, weights, expected):
    members = [member(name, exposure=each) for name, each in zip("ab", exposures, strict=True)]
    target = await word_on_btc(blend(*members, **dict(zip("ab", weights, strict=True))))
    assert target.exposure == pytest.approx(expected)
    assert -1.0 <= target.exposure <= 1.0
    assert target.weights == tuple(zip("ab", weights, strict=True))


async def test_stop_and_take_profit_are_the_nearest_of_those_on_its_side():
    members = member("far", stop=0.3), member("near", stop=0.1), member("against", exposure=-0.5, stop=0.05)
    target = await word_on_btc(blend(*members, far=1.0, near=1.0, against=1.0))
    assert target.exposure > 0
    assert (target.stop, target.take_profit) == (pytest.approx(90.0), pytest.approx(110.0))


async def test_with_nobody_on_its_side_it_has_neither():
    target = await word_on_btc(blend(member("a"), member("b", exposure=-1.0), a=1.0, b=1.0))
    assert (target.exposure, target.stop, target.take_profit) == (0.0, None, None)


async def test_it_gives_every_member_s_reason_and_their_mean_confidence():
    members = member("sure", confidence=0.9), member("unsure", confidence=0.3)
    target = await word_on_btc(blend(*members, sure=2.0, unsure=1.0))
    assert target.reason == "sure: because; unsure: because"
    assert target.confidence == pytest.approx(0.7)


async def test_members_that_say_nothing_yet_do_not_count():
    members = member("early"), member("late", exposure=-1.0, waits=5)
    target = await word_on_btc(blend(*members, early=1.0, late=9.0))
    assert target.exposure == 1.0
    assert target.weights == (("early", 1.0),)


async def test_an_instrument_without_a_price_is_left_out():
    agent, story = blend(member("a"), a=1.0), Story()
    decision = await agent.decide(story.tell(100.0, None), FLAT)
    agent.close()
    assert [target.symbol for target in decision.targets] == [BTC.symbol]


async def test_a_member_that_raises_is_the_blend_s_failure():
    agent = blend(member("a"), member("b"), a=1.0, b=1.0)
    failure = await agent.decide(Story().tell(13.0), FLAT)
    agent.close()
    assert isinstance(failure, DecisionFailure)
    assert (failure.agent, failure.failure) == ("blend", FailureKind.CRASH)
    assert "thirteen" in failure.message


async def test_a_member_s_last_word_stands_while_no_new_bar_asks_it_again():
    agent, story = blend(member("a"), a=1.0), Story()
    view = story.tell(100.0)
    first = await agent.decide(view, FLAT)
    again = await agent.decide(view, FLAT)
    agent.close()
    assert again == first


def parts():
    return blend(member("a", waits=2), member("b", exposure=-0.5), a=2.0, b=1.0)


async def test_its_memory_brings_it_back_to_the_same_next_word():
    story, kept = Story(), parts()
    for close in (100.0, 101.0):
        await kept.decide(story.tell(close), FLAT)
    restored = parts()
    restored.restore(json.loads(kept.memory()))
    assert restored.memory() == kept.memory()
    view = story.tell(102.0)
    assert await restored.decide(view, FLAT) == await kept.decide(view, FLAT)
    for each in (kept, restored):
        each.close()


async def test_it_relives_a_view_as_it_decided_on_it():
    story, decided, relived = Story(), parts(), parts()
    for close in (100.0, 101.0, 102.0):
        view = story.tell(close)
        await decided.decide(view, FLAT)
        relived.relive(view, FLAT)
    assert relived.memory() == decided.memory()
    for each in (decided, relived):
        each.close()


async def test_after_a_failure_it_begins_anew():
    agent, fresh = parts(), parts()
    await agent.decide(Story().tell(100.0), FLAT)
    agent.forget()
    assert agent.memory() == fresh.memory()
    for each in (agent, fresh):
        each.close()


@pytest.mark.parametrize(
    "memory", [None, [], {}, {"members": {}, "last": {}}, {"members": {"a": 1, "b": 2}, "last": {}}]
)
def test_a_memory_that_is_not_its_own_is_refused(memory):
    agent = parts()
    with pytest.raises(ValueError, match="stored memory"):
        agent.restore(memory)
    agent.close()


def test_a_last_word_of_the_wrong_shape_is_refused():
    agent = parts()
    memory = json.loads(agent.memory()) | {"last": {"a": {BTC.symbol: {"exposure": "much"}}}}
    with pytest.raises(ValueError, match="the stored memory of blend does not fit"):
        agent.restore(memory)
    agent.close()


@pytest.mark.parametrize("weight", [0.0, -1.0])
def test_a_member_without_weight_is_none(weight):
    with pytest.raises(ValueError, match="weights above 0"):
        blend(member("a"), a=weight)
    with pytest.raises(ValueError, match="a blend needs strategies"):
        blend()


def test_it_says_whom_it_follows_and_looks_back_as_far_as_any():
    agent = blend(member("a"), member("b"), a=3.0, b=1.0)
    assert agent.summary == "follows 75% a, 25% b"
    assert agent.history_ms == member("a").history_ms
    agent.close()
