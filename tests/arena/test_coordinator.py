"""The loop: what happens in a round, in which order, and what no agent can do to the others."""

import asyncio
import contextlib
import threading

import pytest

from cockpit.agents.worker_thread import WorkerThread
from cockpit.arena.controls import ControlRefused
from cockpit.domain.decisions import Decision, DecisionFailure, FailureKind, ModelCall, Target
from cockpit.domain.events import (
    DecisionFailed,
    DecisionMade,
    EmergencyStage,
    FundingPaid,
    KillSwitchSet,
    MarketAdvanced,
    ModelCalled,
    OrderCreated,
    OrderFilled,
    OrderMoved,
    PauseSet,
    RoundClosed,
    RoundOpened,
    RunFinished,
    TradingMode,
    TradingModeSet,
)
from cockpit.domain.market import Micros
from cockpit.domain.orders import OrderStatus
from cockpit.trading.accounting import funding_micros
from cockpit.trading.agent_state import BreakerStatus
from cockpit.trading.allocation import AllocationError
from cockpit.trading.state import conserved_difference
from tests.arena.conftest import ScriptedAgent, parts_of

BTC = "BTC/USDC:USDC"
ETH = "ETH/USDC:USDC"


def settings(rounds=3, **market):
    return {
        "arena": {"rounds": rounds, "interval": "1m"},
        "market": {"symbols": ["BTC", "ETH"], "speed": "max", **market},
    }


def holds(exposure, stop=None, take_profit=None, symbol=BTC):
    """An agent's answer: always the same exposure."""

    def say(view, own):
        mark = view.marks[symbol]
        target = Target(
            symbol=symbol,
            exposure=exposure,
            stop=stop and mark * stop,
            take_profit=take_profit and mark * take_profit,
            confidence=0.7,
            reason="because the test says so",
        )
        return Decision(agent="holder", targets=(target,))

    return say


def events_of(stage, *types):
    return [each.event for each in stage.journal.events() if isinstance(each.event, types)]


async def test_a_run_plays_its_rounds_and_finishes(stage):
    coordinator = await stage.begin(parts_of(settings(rounds=5)))
    await coordinator.run()
    state = coordinator.recorder.committed
    assert state.rounds_closed == 5
    assert state.finished == "all 5 rounds are played"
    assert all(agent.decisions == 5 for agent in state.agents.values())
    assert isinstance(list(stage.journal.events())[-1].event, RunFinished)
    assert conserved_difference(state) == 0


async def test_every_agent_begins_with_the_same_capital(stage):
    coordinator = await stage.begin(parts_of(settings()))
    capitals = {agent.capital for agent in coordinator.recorder.committed.agents.values()}
    assert capitals == {10_000_000_000}
    assert coordinator.recorder.committed.treasury == 0


async def test_more_capital_than_there_is_can_not_be_allocated(stage):
    flags = settings() | {"arena": {"rounds": 1, "capital": 50_000, "agent_capital": 10_000}}
    with pytest.raises(AllocationError, match=r"holds \$0\.00, which can't cover \$10,000\.00"):
        await stage.begin(parts_of(flags))
    assert list(stage.journal.events()) == []


async def test_all_agents_of_a_round_see_one_view(stage):
    seen = []

    def look(view, own):
        seen.append(view)
        return Decision(agent="", targets=())

    agents = [ScriptedAgent(name, look) for name in ("one", "two", "three")]
    coordinator = await stage.begin(parts_of(settings(rounds=1), *agents))
    await coordinator.run()
    assert len(seen) == 3
    assert len({view.view_hash for view in seen}) == 1
    assert len({id(view) for view in seen}) == 1
    assert events_of(stage, RoundOpened)[0].view_hash == seen[0].view_hash


async def test_an_order_is_filled_at_the_next_bar_s_open_and_never_before(stage):
    agent = ScriptedAgent("holder", holds(1.0))
    coordinator = await stage.begin(parts_of(settings(rounds=2), agent))
    await coordinator.run()
    ordered = next(each for each in stage.journal.events() if isinstance(each.event, OrderCreated))
    filled = next(each for each in stage.journal.events() if isinstance(each.event, OrderFilled))
    bars = coordinator.tape.candles.bars(BTC, "1m")
    bar = next(bar for bar in bars if bar.open_ms == ordered.ts_ms)
    assert filled.event.fill.ts_ms == bar.open_ms == ordered.ts_ms
    assert filled.ts_ms == ordered.ts_ms + 60_000
    assert filled.event.fill.price == pytest.approx(bar.open * 1.0001, rel=1e-5)
    assert filled.event.fill.price >= bar.open


async def test_a_fill_brings_its_stop_and_target_to_work(stage):
    agent = ScriptedAgent("holder", holds(1.0, stop=0.9, take_profit=1.1))
    coordinator = await stage.begin(parts_of(settings(rounds=2), agent))
    await coordinator.run()
    working = coordinator.recorder.committed.agents["holder"].working.values()
    assert sorted(order.purpose for order in working) == ["stop", "target"]
    position = coordinator.recorder.committed.agents["holder"].account.positions[BTC]
    assert {order.signed_lots for order in working} == {-position.signed_lots}


@pytest.mark.parametrize(
    ("say", "failure", "words"),
    [
        (lambda view, own: 1 / 0, FailureKind.CRASH, "ZeroDivisionError"),
        (lambda view, own: asyncio.sleep(60), FailureKind.TIMEOUT, "no answer within 0.2 s"),
        (lambda view, own: "buy!", FailureKind.INVALID, "returned str, not a decision"),
        (lambda view, own: Decision(agent="good", targets=()), FailureKind.INVALID, "another agent's name"),
        (holds(float("nan")), FailureKind.INVALID, "outside −1 … 1"),
        (holds(1.0, stop=1.5), FailureKind.INVALID, "wrong side"),
        (holds(1.0, symbol=ETH, take_profit=-1), FailureKind.INVALID, "is no price"),
    ],
)
async def test_an_agent_that_fails_is_counted_and_stops_nobody(stage, say, failure, words):
    bad = ScriptedAgent("holder", say)
    good = ScriptedAgent("good", lambda view, own: Decision(agent="good", targets=()))
    coordinator = await stage.begin(parts_of(settings(rounds=1), bad, good))
    await coordinator.run()
    (failed,) = events_of(stage, DecisionFailed)
    assert failed.agent == "holder"
    assert failed.failure is failure
    assert words in failed.message
    assert [made.agent for made in events_of(stage, DecisionMade)] == ["good"]
    assert coordinator.recorder.committed.agents["holder"].failures == 1
    assert not events_of(stage, OrderCreated)
    assert bad.forgotten == 1


def call(role, cost):
    return ModelCall(role=role, model="x/y", key=role, request="{}", cost=Micros(cost))


async def test_what_models_were_asked_is_told_before_what_came_of_it(stage):
    asks = ScriptedAgent(
        "asks", lambda view, own: Decision(agent="asks", targets=(), calls=(call("a", 3), call("b", 4)))
    )
    fails = ScriptedAgent(
        "fails",
        lambda view, own: DecisionFailure(
            agent="fails", failure=FailureKind.INVALID, message="no JSON", calls=(call("c", 5),)
        ),
    )
    coordinator = await stage.begin(parts_of(settings(rounds=1), asks, fails))
    await coordinator.run()
    told = events_of(stage, ModelCalled, DecisionMade, DecisionFailed)
    assert [type(each) for each in told] == [
        ModelCalled,
        ModelCalled,
        DecisionMade,
        ModelCalled,
        DecisionFailed,
    ]
    assert [(each.call_id, each.agent, each.call.role) for each in events_of(stage, ModelCalled)] == [
        (1, "asks", "a"),
        (2, "asks", "b"),
        (3, "fails", "c"),
    ]
    agents = coordinator.recorder.committed.agents
    assert (agents["asks"].model_use.cost, agents["fails"].model_use.cost) == (7, 5)


async def test_calls_that_can_t_be_written_down_cost_only_the_agent_that_told_them(stage):
    bad = ScriptedAgent(
        "bad",
        lambda view, own: DecisionFailure(
            agent="bad", failure=FailureKind.INVALID, message="no JSON", calls=(call("\ud800", 5),)
        ),
    )
    coordinator = await stage.begin(parts_of(settings(rounds=1), bad))
    await coordinator.run()
    (failed,) = events_of(stage, DecisionFailed)
    assert "a lone surrogate" in failed.message
    assert not events_of(stage, ModelCalled)


async def test_an_agent_sees_its_own_last_words_and_what_was_wrong_with_them(stage):
    seen = []

    def say(view, own):
        seen.append(own)
        targets = holds(0.5)(view, own).targets
        return Decision(agent="holder", targets=targets, refused=("ETH: it is not traded here",))

    coordinator = await stage.begin(parts_of(settings(rounds=2), ScriptedAgent("holder", say)))
    await coordinator.run()
    first, second = seen
    assert (first.targets, first.lessons, first.capital) == ({}, (), first.equity)
    assert second.targets[BTC].exposure == 0.5
    assert second.lessons == ("ETH: it is not traded here",)


async def test_agents_decide_in_parallel(stage):
    together = asyncio.Barrier(3)

    async def meet(name):
        await together.wait()
        return Decision(agent=name, targets=())

    agents = [ScriptedAgent(name, lambda view, own, name=name: meet(name)) for name in "abc"]
    coordinator = await stage.begin(parts_of(settings(rounds=1), *agents))
    await coordinator.run()
    assert not events_of(stage, DecisionFailed)


async def test_an_agent_that_hangs_in_a_thread_delays_a_round_by_its_deadline_only(stage):
    let_go = threading.Event()
    worker = WorkerThread("hanging")
    bad = ScriptedAgent("bad", lambda view, own: worker.run(lambda: let_go.wait(30)))
    coordinator = await stage.begin(parts_of(settings(rounds=2), bad))
    try:
        await asyncio.wait_for(coordinator.run(), timeout=5)
    finally:
        let_go.set()
        worker.close()
    assert [each.failure for each in events_of(stage, DecisionFailed)] == [
        FailureKind.TIMEOUT,
        FailureKind.CRASH,
    ]


async def test_a_benched_agent_is_flattened_and_not_asked(stage):
    asked = []

    def say(view, own):
        asked.append(view.round)
        return holds(1.0)(view, own)

    flags = settings(rounds=4) | {"breakers": {"agent": {"daily_trades": 1}, "cool_down": {}}}
    agent = ScriptedAgent("holder", say)
    coordinator = await stage.begin(parts_of(flags, agent))
    await coordinator.run()
    state = coordinator.recorder.committed.agents["holder"]
    assert state.breakers["daily_trades"].status is BreakerStatus.COOLING
    assert asked == [1]
    assert state.account.positions == {}
    assert state.trades == 1


async def test_while_the_kill_switch_is_on_orders_are_created_and_held(stage):
    agent = ScriptedAgent("holder", holds(1.0))
    coordinator = await stage.begin(parts_of(settings(rounds=3), agent))
    await coordinator.controls.kill("a test", flatten=False)
    await coordinator.run()
    state = coordinator.recorder.committed.agents["holder"]
    assert (state.orders, state.held, state.fills) == (3, 3, 0)
    assert state.working == {}
    held = [move.after for move in events_of(stage, OrderMoved)]
    assert held == [OrderStatus.HELD] * 3


async def test_a_kill_during_a_round_holds_that_round_s_orders(stage):
    asked, answer = asyncio.Event(), asyncio.Event()

    async def slow(view, own):
        asked.set()
        await answer.wait()
        return holds(1.0)(view, own)

    agent = ScriptedAgent("holder", slow)
    coordinator = await stage.begin(parts_of(settings(rounds=1), agent))
    running = asyncio.create_task(coordinator.run())
    await asked.wait()
    killing = asyncio.create_task(coordinator.controls.kill("a test", flatten=False))
    await asyncio.sleep(0)
    answer.set()
    await asyncio.gather(running, killing)
    assert coordinator.recorder.committed.agents["holder"].held == 1


async def test_kill_with_flatten_closes_positions_first_and_unkill_lets_trading_go_on(stage):
    agent = ScriptedAgent("holder", holds(1.0, stop=0.9))
    coordinator = await stage.begin(parts_of(settings(rounds=40), agent))
    running = asyncio.create_task(coordinator.run())
    while not coordinator.recorder.committed.agents["holder"].account.positions:
        await asyncio.sleep(0)
    await coordinator.controls.kill("a test", flatten=True)
    while coordinator.recorder.committed.agents["holder"].account.positions:
        await asyncio.sleep(0)
    assert coordinator.recorder.committed.killed
    assert coordinator.recorder.committed.agents["holder"].working == {}
    await coordinator.controls.unkill("a test")
    await running
    assert coordinator.recorder.committed.agents["holder"].account.positions
    assert [each.on for each in events_of(stage, KillSwitchSet)] == [True, False]


class Mishap(Exception):
    """What no request should raise."""


def failing(stage, *events):
    """A request that comes as far as these events, and counts how often it is tried."""
    tried = []

    def change():
        tried.append(stage.state.ts_ms)
        for event in events:
            stage.coordinator.recorder.emit(event)
        raise Mishap("no")

    return change, tried


@pytest.mark.parametrize(
    "events", [(), (KillSwitchSet(on=True, by="a test"), PauseSet(on=True, by="a test"))]
)
def test_a_request_that_fails_is_told_to_who_asked_and_leaves_no_trace(theatre, events):
    stage = theatre()
    change, tried = failing(stage, *events)
    before = len(stage.journal.recorded)
    with pytest.raises(Mishap, match="no"):
        stage.ask(change)
    assert len(stage.journal.recorded) == before
    stage.calm(2)
    assert len(tried) == 1
    assert (stage.state.killed, stage.state.paused) == (False, False)
    assert len(stage.events(RoundClosed)) == 3
    assert not stage.coordinator.is_torn


async def test_a_request_that_fails_in_a_round_does_not_tear_it_nor_what_others_asked_for(stage):
    asked, answer = asyncio.Event(), asyncio.Event()

    async def slow(view, own):
        asked.set()
        await answer.wait()
        return holds(1.0)(view, own)

    def half_done():
        coordinator.recorder.emit(TradingModeSet(mode=TradingMode.HALTED, by="a test"))
        raise Mishap("no")

    agent = ScriptedAgent("holder", slow)
    coordinator = await stage.begin(parts_of(settings(rounds=1), agent))
    controls = coordinator.controls
    running = asyncio.create_task(coordinator.run())
    await asked.wait()
    requests = [
        asyncio.create_task(each)
        for each in (controls.pause("a"), controls.carry_out(half_done), controls.kill("b", flatten=False))
    ]
    await asyncio.sleep(0)
    answer.set()
    await running
    told = await asyncio.gather(*requests, return_exceptions=True)
    assert [type(each) for each in told] == [type(None), Mishap, type(None)]
    state = coordinator.recorder.committed
    assert (state.paused, state.killed, state.mode) == (True, True, TradingMode.ACTIVE)
    assert (state.agents["holder"].held, state.rounds_closed) == (1, 1)
    assert events_of(stage, TradingModeSet) == []
    assert [each.agent for each in events_of(stage, DecisionMade)] == ["holder"]


@pytest.mark.parametrize("ending", ["kill", "wind_down"])
async def test_positions_closed_during_a_round_are_not_reopened_by_its_answers(stage, ending):
    asked, answer = asyncio.Event(), asyncio.Event()

    async def slow(view, own):
        if own.account.positions:
            asked.set()
            await answer.wait()
        return holds(1.0, stop=0.9)(view, own)

    agent = ScriptedAgent("holder", slow)
    coordinator = await stage.begin(parts_of(settings(rounds=8), agent))
    running = asyncio.create_task(coordinator.run())
    await asked.wait()
    control = (
        coordinator.controls.kill("a test", flatten=True)
        if ending == "kill"
        else coordinator.wind_down("a test")
    )
    controlling = asyncio.create_task(control)
    await asyncio.sleep(0)
    answer.set()
    await controlling
    while coordinator.recorder.committed.agents["holder"].account.positions:
        await asyncio.sleep(0)
    running.cancel()
    with contextlib.suppress(asyncio.CancelledError):
        await running
    assert coordinator.recorder.committed.agents["holder"].working == {}


async def test_what_can_not_be_closed_while_killed_keeps_its_guards(stage):
    agent = ScriptedAgent("holder", holds(1.0, stop=0.9))
    coordinator = await stage.begin(parts_of(settings(rounds=400), agent))
    running = asyncio.create_task(coordinator.run())
    while not coordinator.recorder.committed.agents["holder"].account.positions:
        await asyncio.sleep(0)
    await coordinator.controls.kill("a test", flatten=False)
    running.cancel()
    with contextlib.suppress(asyncio.CancelledError):
        await running
    coordinator.desk.flatten("holder", "a breaker")
    working = coordinator.recorder.draft.agents["holder"].working.values()
    assert [order.purpose for order in working] == ["stop"]
    assert coordinator.recorder.draft.agents["holder"].held == 1


async def test_paused_market_time_stands_still(stage):
    coordinator = await stage.begin(parts_of(settings(rounds=500)))
    running = asyncio.create_task(coordinator.run())
    while coordinator.recorder.committed.round < 2:
        await asyncio.sleep(0)
    await coordinator.controls.pause("a test")
    before = coordinator.recorder.committed.ts_ms
    await asyncio.sleep(0.1)
    assert coordinator.recorder.committed.ts_ms == before
    assert coordinator.recorder.committed.paused
    await coordinator.controls.resume("a test")
    while coordinator.recorder.committed.ts_ms == before:
        await asyncio.sleep(0)
    running.cancel()
    with contextlib.suppress(asyncio.CancelledError):
        await running


async def test_only_a_tripped_breaker_can_be_reset(stage):
    coordinator = await stage.begin(parts_of(settings()))
    with pytest.raises(ControlRefused, match="is armed already"):
        await coordinator.controls.reset_breaker("drawdown", "arena", "a test")
    with pytest.raises(ControlRefused, match="has no breaker volume"):
        await coordinator.controls.reset_breaker("volume", "cash", "a test")
    with pytest.raises(ControlRefused, match="no agent is called nobody"):
        await coordinator.controls.reset_breaker("drawdown", "nobody", "a test")


async def test_a_round_closes_with_the_equity_of_every_agent(stage):
    coordinator = await stage.begin(parts_of(settings(rounds=2)))
    await coordinator.run()
    closed = events_of(stage, RoundClosed)
    state = coordinator.recorder.committed
    assert closed[-1].equities == tuple(agent.watch.equity for agent in state.agents.values())
    assert len(events_of(stage, MarketAdvanced)) == 2


async def test_data_that_ends_ends_the_run(stage, tmp_path):
    rows = ["timestamp_ms,open,high,low,close,volume"]
    rows += [f"{minute * 60_000},100.5,101.5,99.5,100.5,5.5" for minute in range(1, 41)]
    (tmp_path / "BTC-1m.csv").write_text("\n".join(rows))
    flags = {
        "arena": {"interval": "1m"},
        "market": {"kind": "replay", "data": str(tmp_path / "BTC-1m.csv"), "speed": "max"},
    }
    coordinator = await stage.begin(parts_of(flags))
    await coordinator.run()
    assert coordinator.recorder.committed.finished == "the market's data came to its end"


async def test_an_agent_that_swallows_its_cancellation_is_left_behind(stage):
    async def stubborn():
        while True:
            with contextlib.suppress(asyncio.CancelledError):
                await asyncio.sleep(0.3)
                return Decision(agent="holder", targets=())

    agent = ScriptedAgent("holder", lambda view, own: stubborn())
    coordinator = await stage.begin(parts_of(settings(rounds=2), agent))
    await asyncio.wait_for(coordinator.run(), 3)
    assert {each.failure for each in events_of(stage, DecisionFailed)} == {FailureKind.TIMEOUT}


async def test_an_agent_that_cancels_itself_has_crashed(stage):
    async def odd():
        raise asyncio.CancelledError

    agent = ScriptedAgent("holder", lambda view, own: odd())
    coordinator = await stage.begin(parts_of(settings(rounds=1), agent))
    await coordinator.run()
    (failed,) = events_of(stage, DecisionFailed)
    assert (failed.failure, failed.message) == (FailureKind.CRASH, "holder cancelled itself")


async def test_while_killed_a_new_word_takes_no_guard_away(stage):
    stops = iter([0.9, 0.9, 0.9])

    def tightening(view, own):
        return holds(1.0, stop=next(stops, 0.95))(view, own)

    agent = ScriptedAgent("holder", tightening)
    coordinator = await stage.begin(parts_of(settings(rounds=12), agent))
    running = asyncio.create_task(coordinator.run())
    while not coordinator.recorder.committed.agents["holder"].working:
        await asyncio.sleep(0)
    await coordinator.controls.kill("a test", flatten=False)
    before = coordinator.recorder.committed.agents["holder"].working
    await running
    assert coordinator.recorder.committed.killed
    assert coordinator.recorder.committed.agents["holder"].working == before


async def test_killed_already_it_can_still_be_flattened(stage):
    agent = ScriptedAgent("holder", holds(1.0, stop=0.9))
    coordinator = await stage.begin(parts_of(settings(rounds=400), agent))
    running = asyncio.create_task(coordinator.run())
    while not coordinator.recorder.committed.agents["holder"].account.positions:
        await asyncio.sleep(0)
    await coordinator.controls.kill("a test", flatten=False)
    await coordinator.controls.kill("a test", flatten=True)
    while coordinator.recorder.committed.emergency is not EmergencyStage.HALTED:
        await asyncio.sleep(0)
    running.cancel()
    with contextlib.suppress(asyncio.CancelledError):
        await running
    state = coordinator.recorder.committed
    assert (state.agents["holder"].account.positions, state.agents["holder"].working) == ({}, {})
    assert state.killed
    assert [each.on for each in events_of(stage, KillSwitchSet)] == [True]


async def test_funding_is_paid_at_the_mark_of_its_instant(stage):
    agent = ScriptedAgent("holder", holds(1.0))
    coordinator = await stage.begin(parts_of(settings(rounds=61), agent))
    await coordinator.run()
    told = list(stage.journal.events())
    paid = next(each for each in told if isinstance(each.event, FundingPaid))
    advanced = next(
        each for each in told if isinstance(each.event, MarketAdvanced) and each.ts_ms == paid.ts_ms
    )
    state = coordinator.recorder.committed
    lots = sum(
        each.event.fill.signed_lots
        for each in told
        if isinstance(each.event, OrderFilled) and each.seq < paid.seq and each.event.fill.symbol == BTC
    )
    expected = funding_micros(lots, state.instrument(BTC).lot_size, advanced.event.marks[0], paid.event.rate)
    assert paid.event.paid == expected != 0
