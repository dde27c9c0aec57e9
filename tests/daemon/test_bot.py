"""A bot from opening to its last word: what it takes up, what it refuses, and when the disk fails."""

import asyncio
import shutil
import sqlite3
from copy import deepcopy

import pytest

from cockpit.agents.strategy_agent import StrategyAgent
from cockpit.arena.controls import ControlRefused
from cockpit.daemon import bot as bot_module
from cockpit.daemon import course
from cockpit.daemon.bot import Bot
from cockpit.daemon.folder import BotFolder
from cockpit.daemon.runs import NothingUnfinished, RunDiffers
from cockpit.domain.events import (
    BotStarted,
    BotStopped,
    EmergencyAdvanced,
    EmergencyStage,
    JournalOutage,
    KillSwitchSet,
    OrderCreated,
    ReportRefused,
    RoundOpened,
    RunStarted,
)
from cockpit.domain.orders import OrderPurpose
from cockpit.journal.codec import encode_state
from cockpit.journal.journal import Journal
from cockpit.settings.resolve import resolve
from cockpit.trading.state import conserved_difference

FLAGS = {
    "arena": {"rounds": 400, "interval": "1m"},
    "market": {"speed": "max", "symbols": ["BTC", "SOL"]},
    "agents": [{"name": name} for name in ("ema_cross", "momentum_rank", "buy_and_hold", "random")],
}


@pytest.fixture
def folder(tmp_path):
    return BotFolder(tmp_path / "arena")


async def opened(folder, flags=FLAGS, *, new=False, run_id="run-1", **environment):
    settings = resolve(environment=environment, flags=flags).settings
    return await Bot.open(folder, settings, new=new, run_id=run_id, wall_ms=1_700_000_000_000)


async def run_for(bot, rounds, **stop):
    bot.listen(
        lambda _: (
            bot.request_stop(**({"now": False, "flatten": False} | stop))
            if bot.state.rounds_closed >= rounds
            else None
        )
    )
    reason = await bot.run()
    await bot.close(reason)
    return reason


def events(folder, *kinds):
    journal = Journal.open(folder.journal)
    found = [each.event for each in journal.events() if isinstance(each.event, kinds or object)]
    journal.close()
    return found


async def test_a_stop_ends_the_round_and_the_next_start_goes_on_from_there(folder):
    first = await opened(folder)
    assert await run_for(first, 5) == "stopped on request"
    again = await opened(folder)
    assert (again.state.run_id, again.state.rounds_closed) == ("run-1", first.state.rounds_closed)
    started = events(folder, BotStarted)[-1]
    assert started.recovered_from.startswith("state.json and ")
    await run_for(again, 8)
    assert events(folder, BotStopped)[-1].reason == "stopped on request"
    assert len(events(folder, RunStarted)) == 1


async def test_a_finished_run_is_followed_by_a_new_one(folder):
    flags = FLAGS | {"arena": {"rounds": 2, "interval": "1m"}}
    bot = await opened(folder, flags)
    assert await run_for(bot, 99) == "all 2 rounds are played"
    again = await opened(folder, flags, run_id="run-2")
    assert (again.state.run_id, again.state.rounds_closed) == ("run-2", 0)
    await again.close("done")


async def test_other_settings_are_refused_until_a_new_run_is_asked_for(folder):
    await run_for(await opened(folder), 2)
    other = FLAGS | {"market": FLAGS["market"] | {"seed": 99}}
    with pytest.raises(RunDiffers, match="--new"):
        await opened(folder, other)
    again = await opened(folder, other, new=True, run_id="run-2")
    assert again.state.run_id == "run-2"
    await again.close("done")


@pytest.mark.parametrize("other", [{"market": FLAGS["market"] | {"speed": "600"}}, {"api": {"port": 8377}}])
async def test_another_speed_or_port_is_no_other_run(folder, other):
    await run_for(await opened(folder), 2)
    again = await opened(folder, FLAGS | other)
    assert again.state.rounds_closed >= 2
    await again.close("done")


@pytest.fixture(scope="module")
def stopped(tmp_path_factory):
    """A bot that was stopped after 30 rounds; each test takes up a copy of its folder."""

    async def play():
        bot = await opened(BotFolder(tmp_path_factory.mktemp("stopped") / "arena"))
        await run_for(bot, 30)
        return bot

    return asyncio.run(play())


@pytest.mark.parametrize(
    "lost", ["state.json", "everything but the journal", "damaged", "all but an older backup"]
)
async def test_whatever_became_of_the_snapshots_the_state_is_the_same(folder, stopped, lost):
    shutil.copytree(stopped.folder.root, folder.root)
    expected = deepcopy(stopped.state)
    if lost == "damaged":
        for path in (folder.root / "state.json", *(folder.root / "backups").iterdir()):
            path.write_bytes(path.read_bytes()[:-100])
    if lost in {"state.json", "everything but the journal", "all but an older backup"}:
        (folder.root / "state.json").unlink()
    if lost in {"everything but the journal", "all but an older backup"}:
        for path in (folder.root / "backups").iterdir():
            if lost == "everything but the journal" or path.name != "state.5.json":
                path.unlink()
    again = await opened(folder)
    state = again.state
    assert conserved_difference(state) == 0
    expected.seq = state.seq
    assert encode_state(state) == encode_state(expected)
    if lost == "damaged":
        assert any(
            "set aside as state.json.corrupt-1" in each for each in events(folder, BotStarted)[-1].notices
        )
        assert (folder.root / "state.json.corrupt-1").exists()
    await again.close("done")


async def test_while_the_journal_is_locked_the_bot_is_halted_and_then_goes_on(folder, monkeypatch):
    monkeypatch.setattr("cockpit.arena.recorder.RETRY_SECONDS", 0.05)
    monkeypatch.setattr("cockpit.journal.schema.BUSY_TIMEOUT_S", 0.05)
    bot = await opened(folder)
    running = asyncio.create_task(bot.run())
    while bot.state.rounds_closed < 3:
        await asyncio.sleep(0)
    intruder = sqlite3.connect(folder.journal, isolation_level=None)
    intruder.execute("BEGIN IMMEDIATE")
    while bot.outage is None:
        await asyncio.sleep(0.01)
    halted_at = bot.state.seq
    await asyncio.sleep(0.2)
    assert bot.state.seq == halted_at
    intruder.execute("ROLLBACK")
    intruder.close()
    while bot.state.seq < halted_at + 50:
        await asyncio.sleep(0.01)
    assert bot.outage is None
    bot.request_stop(now=False, flatten=False)
    await bot.close(await running)
    (outage,) = events(folder, JournalOutage)
    assert "locked" in outage.reason
    assert outage.lasted_ms >= 200


async def test_a_bot_whose_journal_is_gone_can_be_stopped_and_loses_nothing_that_counted(folder, monkeypatch):
    monkeypatch.setattr("cockpit.arena.recorder.RETRY_SECONDS", 0.05)
    monkeypatch.setattr("cockpit.journal.schema.BUSY_TIMEOUT_S", 0.05)
    monkeypatch.setattr(bot_module, "LAST_WORD_GRACE_S", 0.1)
    monkeypatch.setattr(course, "ROUND_GRACE_S", 0.1)
    bot = await opened(folder)
    running = asyncio.create_task(bot.run())
    while bot.state.rounds_closed < 3:
        await asyncio.sleep(0)
    intruder = sqlite3.connect(folder.journal, isolation_level=None)
    intruder.execute("BEGIN IMMEDIATE")
    while bot.outage is None:
        await asyncio.sleep(0.01)
    counted = encode_state(bot.state)
    bot.request_stop(now=False, flatten=False)
    await running
    await bot.close("stopped on request")
    intruder.close()
    again = await opened(folder)
    again.state.seq -= 1
    assert encode_state(again.state) == counted
    await again.close("done")


async def test_disabled_trading_turns_the_kill_switch_on_and_a_person_s_kill_outlives_a_restart(folder):
    bot = await opened(folder, TRADING_ENABLED="false")
    assert bot.state.killed
    assert bot.state.killed_by == "settings"
    await bot.close("done")
    again = await opened(folder)
    assert again.state.killed
    await again.unkill("a person")
    assert not again.state.killed
    await again.close("done")
    assert [each.on for each in events(folder, KillSwitchSet)] == [True, False]


async def test_stop_with_flatten_closes_every_position_even_when_paused(folder):
    bot = await opened(folder)
    running = asyncio.create_task(bot.run())
    while not any(agent.account.positions for agent in bot.state.agents.values()):
        await asyncio.sleep(0)
    await bot.pause("a person")
    bot.request_stop(now=False, flatten=True)
    await bot.close(await running)
    assert not any(agent.account.positions or agent.working for agent in bot.state.agents.values())


async def test_its_controls_refuse_what_can_t_be_done(folder):
    bot = await opened(folder)
    with pytest.raises(ControlRefused):
        await bot.reset_breaker("drawdown", "arena", "a person")
    await bot.close("done")


async def test_positions_can_t_be_closed_by_a_stop_while_the_kill_switch_holds_every_order(folder):
    bot = await opened(folder)
    await bot.kill("a person", flatten=False)
    with pytest.raises(ControlRefused, match="unkill first"):
        bot.request_stop(now=False, flatten=True)
    await bot.close("done")


async def holding(folder):
    """A bot of which some agents hold positions, and its run."""
    bot = await opened(folder)
    running = asyncio.create_task(bot.run())
    while not any(agent.account.positions for agent in bot.state.agents.values()):
        await asyncio.sleep(0)
    return bot, running


async def stopped_with_positions(folder):
    bot, running = await holding(folder)
    bot.request_stop(now=False, flatten=False)
    await bot.close(await running)
    assert any(agent.account.positions for agent in bot.state.agents.values())


async def see_halted(bot):
    """Runs the bot to the end of its emergency stop, and stops it."""
    running = asyncio.create_task(bot.run())
    while bot.state.emergency is not EmergencyStage.HALTED:
        await asyncio.sleep(0)
    bot.request_stop(now=False, flatten=False)
    await bot.close(await running)


def after(folder, *kinds):
    """The events since the last process took the run up."""
    told = events(folder)
    last = max(place for place, event in enumerate(told) if isinstance(event, BotStarted))
    return [event for event in told[last:] if isinstance(event, kinds)]


async def test_an_emergency_stop_of_a_bot_that_was_stopped_trades_nothing_else(folder):
    await stopped_with_positions(folder)
    settings = resolve(environment={}, flags=FLAGS).settings
    bot = await Bot.open(folder, settings, new=False, run_id="x", wall_ms=0, only_unfinished=True)
    await bot.begin_emergency("a person")
    await see_halted(bot)
    assert not any(agent.account.positions or agent.working for agent in bot.state.agents.values())
    assert bot.state.killed
    assert after(folder, RoundOpened) == []
    purposes = {event.order.purpose for event in after(folder, OrderCreated)}
    assert purposes <= {OrderPurpose.FLATTEN, OrderPurpose.LIQUIDATION}


async def test_an_emergency_stop_goes_on_after_a_restart_in_the_middle(folder):
    await stopped_with_positions(folder)
    first = await opened(folder)
    await first.begin_emergency("a person")
    assert first.state.emergency is not EmergencyStage.HALTED
    await first.begin_emergency("somebody else")  # the one under way goes on
    await first.close("gone in the middle")
    again = await opened(folder)
    await see_halted(again)
    assert not any(agent.account.positions or agent.working for agent in again.state.agents.values())
    assert {event.by for event in events(folder, EmergencyAdvanced)} == {"a person"}
    assert after(folder, RoundOpened) == []


async def test_without_an_unfinished_run_none_is_begun_for_an_emergency(folder):
    settings = resolve(environment={}, flags=FLAGS | {"arena": {"rounds": 2}}).settings
    for _ in ("no run yet", "a finished one"):
        with pytest.raises(NothingUnfinished, match="no unfinished run"):
            await Bot.open(folder, settings, new=False, run_id="x", wall_ms=0, only_unfinished=True)
        if not events(folder, RunStarted):
            await run_for(await opened(folder, FLAGS | {"arena": {"rounds": 2}}), 99)
    assert len(events(folder, RunStarted)) == 1


async def test_an_account_that_came_to_be_doubted_anew_since_it_was_compared_is_not_trusted(folder):
    bot = await opened(folder)
    recorder = bot.coordinator.recorder

    async def refuse(reason):
        recorder.emit(ReportRefused(agent="random", order_id=1, report="executed", reason=reason))
        await recorder.commit()

    await refuse("it overfills")
    found = await bot.reconcile()
    await refuse("it was canceled")
    await bot.sync(found, "a person")
    assert bot.state.agents["random"].unsynced == "it was canceled"
    await bot.sync(await bot.reconcile(), "a person")
    assert not bot.state.agents["random"].unsynced
    await bot.close("done")


class Dawdler(StrategyAgent):
    """A strategy's agent that takes its time when a test says so."""

    dawdles = False

    async def decide(self, view, own):
        answer = await super().decide(view, own)
        while Dawdler.dawdles:
            await asyncio.sleep(0.005)
        return answer


TWENTY_ROUNDS = FLAGS | {"arena": {"rounds": 20, "interval": "1m"}}


@pytest.fixture(scope="module")
def whole(tmp_path_factory):
    """How a run of twenty rounds ends that nobody interferes with."""

    async def play():
        bot = await opened(BotFolder(tmp_path_factory.mktemp("whole") / "arena"), TWENTY_ROUNDS)
        await run_for(bot, 999)
        return bot.state

    return asyncio.run(play())


@pytest.mark.parametrize("meanwhile", ["nothing", "a pause is waiting", "a kill is waiting"])
async def test_a_round_abandoned_by_stop_now_leaves_nothing_behind(folder, whole, monkeypatch, meanwhile):
    monkeypatch.setattr("cockpit.arena.assembly.StrategyAgent", Dawdler)
    bot = await opened(folder, TWENTY_ROUNDS)
    running = asyncio.create_task(bot.run())
    while bot.state.rounds_closed < 8:
        await asyncio.sleep(0)
    Dawdler.dawdles = True
    while bot.coordinator.recorder.draft.round == bot.state.round:
        await asyncio.sleep(0.001)
    waiting = {"a pause is waiting": bot.pause, "a kill is waiting": bot.kill}.get(meanwhile)
    control = None
    if waiting is not None:
        options = {"flatten": False} if meanwhile == "a kill is waiting" else {}
        control = asyncio.create_task(waiting("a person", **options))
        await asyncio.sleep(0.01)
    bot.request_stop(now=True, flatten=False)
    reason = await running
    Dawdler.dawdles = False
    if control is not None:
        await control
    await bot.close(reason)
    again = await opened(folder, TWENTY_ROUNDS)
    if again.state.paused:
        await again.resume("a person")
    if again.state.killed:
        assert meanwhile == "a kill is waiting"
        await again.unkill("a person")
    await run_for(again, 999)
    assert again.state.rounds_closed == whole.rounds_closed == 20
    if meanwhile != "a kill is waiting":  # which may have held a round's orders, as it should
        expected = deepcopy(whole)
        for state in (again.state, expected):
            state.seq = 0
            state.run = None
            state.run_id = state.killed_by = ""
        assert encode_state(again.state) == encode_state(expected)


async def test_a_second_request_is_more_urgent_than_the_first(folder, monkeypatch):
    monkeypatch.setattr("cockpit.arena.assembly.StrategyAgent", Dawdler)
    bot = await opened(folder)
    running = asyncio.create_task(bot.run())
    while bot.state.rounds_closed < 3:
        await asyncio.sleep(0)
    Dawdler.dawdles = True
    try:
        while bot.coordinator.recorder.draft.round == bot.state.round:
            await asyncio.sleep(0.001)
        bot.request_stop(now=False, flatten=False)
        await asyncio.sleep(0.05)
        assert not running.done()
        bot.request_stop(now=True, flatten=False)
        assert await asyncio.wait_for(running, 2) == "stopped on request"
    finally:
        Dawdler.dawdles = False
    await bot.close("stopped on request")


async def test_a_bot_that_is_flat_already_ends_at_once_when_asked_to_flatten(folder):
    slow = FLAGS | {"market": FLAGS["market"] | {"speed": "1"}}
    bot = await opened(folder, slow)
    running = asyncio.create_task(bot.run())
    await asyncio.sleep(0.05)
    bot.request_stop(now=False, flatten=True)
    assert await asyncio.wait_for(running, 2) == "stopped on request"
    await bot.close("stopped on request")


async def test_at_once_and_flattened_first_is_a_contradiction(folder):
    bot = await opened(folder)
    with pytest.raises(ControlRefused, match="not both"):
        bot.request_stop(now=True, flatten=True)
    await bot.close("done")


async def test_failures_of_a_round_count_even_while_winding_down(folder, monkeypatch):
    gate = asyncio.Event()

    class Failing(StrategyAgent):
        async def decide(self, view, own):
            if view.round <= 5:
                return await super().decide(view, own)
            await gate.wait()
            raise ValueError("fails from now on")

    monkeypatch.setattr("cockpit.arena.assembly.StrategyAgent", Failing)
    bot = await opened(folder)
    running = asyncio.create_task(bot.run())
    while bot.coordinator.recorder.draft.round < 6:
        await asyncio.sleep(0)
    bot.request_stop(now=False, flatten=True)
    await asyncio.sleep(0.02)
    gate.set()
    await bot.close(await running)
    assert {agent.failures for agent in bot.state.agents.values()} == {1}
    assert not any(agent.account.positions for agent in bot.state.agents.values())
