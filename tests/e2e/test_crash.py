"""X5: killed at random instants under load, again and again, nothing acknowledged is lost."""

import asyncio
import contextlib
import os
import random
import signal
import time
from collections import Counter
from dataclasses import dataclass, field

import pytest

from cockpit.daemon.bot import Bot
from cockpit.daemon.client import BotClient, BotRefused, BotUnreachable
from cockpit.daemon.lock import running_pid
from cockpit.daemon.process import spawn
from cockpit.domain.events import (
    BotStarted,
    EmergencyAdvanced,
    EmergencyStage,
    OrderAmended,
    OrderCreated,
    OrderFilled,
    OrderMoved,
    Recorded,
)
from cockpit.domain.orders import Fill, OrderKind
from cockpit.journal.codec import encode_state
from cockpit.journal.journal import Journal
from cockpit.settings.resolve import resolve
from cockpit.trading.fold import apply
from cockpit.trading.lifecycle import TRANSITIONS, status_after_fill
from cockpit.trading.state import ArenaState, conserved_difference

pytestmark = [pytest.mark.e2e, pytest.mark.timeout(900)]

ROUNDS = 20_000
FLAGS = {"arena": {"rounds": ROUNDS, "interval": "1m"}, "market": {"speed": "max", "seed": 11}}
OPTIONS = (f"--rounds={ROUNDS}", "--interval=1m", "--speed=max", "--seed=11")


@dataclass
class Witness:
    """What the bot's API has acknowledged before it was killed."""

    seqs: dict[int, object] = field(default_factory=dict)
    fills: dict[tuple[str, int], Fill] = field(default_factory=dict)

    def take(self, recorded: Recorded) -> None:
        known = self.seqs.setdefault(recorded.seq, recorded.event)
        assert known == recorded.event, f"event {recorded.seq} changed after it was acknowledged"
        if isinstance(recorded.event, OrderFilled):
            self.fills[recorded.run_id, recorded.event.fill.fill_id] = recorded.event.fill


def kill(folder, pid):
    os.kill(pid, signal.SIGKILL)
    while running_pid(folder) is not None:
        time.sleep(0.01)


async def live(socket, witness, life_s, meddle):
    """Listens to a bot for a while, and flips a switch or two meanwhile."""
    since = max(witness.seqs, default=0)
    with contextlib.suppress(TimeoutError, BotUnreachable):
        async with asyncio.timeout(life_s), BotClient(socket) as client:
            if meddle:
                on = (await client.state()).killed
                await client.post("/unkill" if on else "/kill", by="the test")
            async for message in client.events(since):
                if isinstance(message, Recorded):
                    witness.take(message)


def folded(journal_path):
    """The state that the journal alone gives, checked for conservation after every event."""
    journal = Journal.open(journal_path)
    state = ArenaState()
    events = list(journal.events())
    journal.close()
    for recorded in events:
        apply(state, recorded)
        if state.run is not None:
            assert conserved_difference(state) == 0
    return state, events


def test_a_bot_that_is_killed_again_and_again_loses_nothing(cockpit, kills):
    chance = random.Random(20_250_101)
    folder = cockpit.folder()
    command = cockpit.arguments("host", *OPTIONS)
    witness = Witness()
    for number in range(kills):
        pid = spawn(folder, command, 60)
        asyncio.run(live(folder.socket, witness, chance.uniform(0.02, 0.5), meddle=number % 10 == 3))
        if running_pid(folder) is None:
            break  # it was faster than its killers
        kill(folder, pid)
    _, events = folded(folder.journal)
    journaled = {recorded.seq: recorded.event for recorded in events}
    assert [recorded.seq for recorded in events] == list(range(1, len(events) + 1))
    assert witness.seqs.items() <= journaled.items()
    filled = [each for each in events if isinstance(each.event, OrderFilled)]
    counts = Counter((each.run_id, each.event.fill.fill_id) for each in filled)
    assert set(counts.values()) == {1}
    assert len(witness.fills) > 20
    journaled_fills = {(each.run_id, each.event.fill.fill_id): each.event.fill for each in filled}
    assert witness.fills.items() <= journaled_fills.items()
    assert recovered_state(folder) == encode_state(folded(folder.journal)[0])


def recovered_state(folder, flags=FLAGS):
    """What a bot makes of the folder: its snapshot, its backups, its journal."""

    async def recover():
        settings = resolve(environment={}, flags=flags).settings
        bot = await Bot.open(folder, settings, new=False, run_id="unused", wall_ms=0)
        state = encode_state(bot.state)
        bot.coordinator.recorder.sink.close()
        return state

    return asyncio.run(recover())


def test_killed_in_the_middle_and_started_again_it_ends_in_the_same_session(cockpit):
    options = ("--rounds=400", "--speed=max", "--seed=5", "--symbol=BTC", "--symbol=SOL")
    cockpit("run", *options, bot="whole")
    folder = cockpit.folder("broken")
    for life_s in (0.3, 0.6, 0.9):
        pid = spawn(folder, cockpit.arguments("host", *options, bot="broken"), 60)
        time.sleep(life_s)
        kill(folder, pid)
    spawn(folder, cockpit.arguments("host", *options, bot="broken"), 60)
    deadline = time.monotonic() + 120
    while running_pid(folder) is not None and time.monotonic() < deadline:
        time.sleep(0.05)
    whole, broken = cockpit.session("whole"), cockpit.session("broken")
    assert whole.pop("wall") != broken.pop("wall")
    assert whole == broken
    assert len(whole["fills"]) > 10


# --- Limit entries, brackets, trailing stops, parts of fills, and an emergency stop under way

BRACKETED = """
[venue]
participation = 0.00005   # a few lots a bar: orders are filled, and positions closed, in many parts
latency = "5s"
[trading.orders]
entry = "limit"
entry_offset_bps = -5.0
stop = "trailing_stop"
[breakers.agent]
daily_trades = "off"
"""
BRACKETED_FLAGS = FLAGS | {
    "venue": {"participation": 0.00005, "latency": "5s"},
    "trading": {"orders": {"entry": "limit", "entry_offset_bps": -5.0, "stop": "trailing_stop"}},
    "breakers": {"agent": {"daily_trades": "off"}},
}
STOPPING = {EmergencyStage.CANCELING, EmergencyStage.FLATTENING}


async def meddle(client, number):
    """Lets trading go on where it was stopped; every third time, stops it in an emergency a moment later."""
    with contextlib.suppress(BotRefused):
        state = await client.state()
        if state.emergency is EmergencyStage.HALTED:
            assert not any(agent.account.positions or agent.working for agent in state.agents.values())
            await client.post("/unkill", by="the test")
        elif number % 3 == 2 and state.emergency is None:
            await client.post("/kill", flatten=True, by="the test")


async def live_dangerously(socket, witness, life_s, number):
    """Listens to a bot for a while, and meddles with it half way."""
    since = max(witness.seqs, default=0)
    deadline = time.monotonic() + life_s
    has_meddled = False
    with contextlib.suppress(TimeoutError, BotUnreachable):
        async with asyncio.timeout(life_s), BotClient(socket) as client:
            async for message in client.events(since):
                if isinstance(message, Recorded):
                    witness.take(message)
                if not has_meddled and deadline - time.monotonic() < life_s / 2:
                    has_meddled = True
                    await meddle(client, number)


def interrupted_stops(events):
    """How many emergency stops were under way when the process was killed, and how many came to their end."""
    stage, interrupted, ended = None, 0, 0
    for recorded in events:
        match recorded.event:
            case EmergencyAdvanced(stage=stage):
                ended += stage is EmergencyStage.HALTED
            case BotStarted():
                interrupted += stage in STOPPING
    return interrupted, ended


async def emergency_over(socket):
    """Waits until no emergency stop is under way."""
    async with BotClient(socket) as client:
        while (await client.state()).emergency in STOPPING:
            await asyncio.sleep(0.05)


def test_killed_with_brackets_parts_and_emergency_stops_under_way_it_loses_nothing(cockpit, kills, tmp_path):
    chance = random.Random(20_250_102)
    config = tmp_path / "bracketed.toml"
    config.write_text(BRACKETED)
    folder = cockpit.folder()
    command = cockpit.arguments("--config", str(config), "host", *OPTIONS)
    witness = Witness()
    for number in range(kills):
        pid = spawn(folder, command, 60)
        asyncio.run(live_dangerously(folder.socket, witness, chance.uniform(0.1, 0.8), number))
        assert running_pid(folder) is not None, "it was faster than its killers"
        kill(folder, pid)
    pid = spawn(folder, command, 60)
    asyncio.run(emergency_over(folder.socket))
    kill(folder, pid)
    state, events = folded(folder.journal)
    journaled = {recorded.seq: recorded.event for recorded in events}
    assert [recorded.seq for recorded in events] == list(range(1, len(events) + 1))
    assert witness.seqs.items() <= journaled.items()
    assert_every_fill_counts_once(witness, events)
    assert_orders_lived_by_the_table(events)
    recovered = recovered_state(folder, BRACKETED_FLAGS)  # which announces itself in the journal
    assert recovered == encode_state(folded(folder.journal)[0])
    interrupted, ended = interrupted_stops(events)
    assert interrupted >= min(1, kills // 10)
    assert ended >= min(1, kills // 10)
    assert state.alerts or kills < 10


def assert_every_fill_counts_once(witness, events):
    filled = [each.event.fill for each in events if isinstance(each.event, OrderFilled)]
    assert len({fill.fill_id for fill in filled}) == len({fill.trade_id for fill in filled}) == len(filled)
    known = {fill.fill_id: fill for fill in filled}
    assert all(known[fill_id] == fill for (_, fill_id), fill in witness.fills.items())
    parts = Counter(fill.order_id for fill in filled)
    assert max(parts.values()) > 1, "no order was filled in parts"


def assert_orders_lived_by_the_table(events):
    statuses, sizes, filled, kinds = {}, {}, Counter(), set()
    for each in events:
        match each.event:
            case OrderCreated(order=order):
                statuses[order.order_id], sizes[order.order_id] = order.status, order.signed_lots
                kinds.add(order.kind)
            case OrderAmended(order_id=order_id, signed_lots=lots):
                sizes[order_id] = lots
            case OrderMoved(order_id=order_id, before=before, after=after):
                assert before is statuses[order_id]
                assert after in TRANSITIONS[before]
                statuses[order_id] = after
            case OrderFilled(fill=fill):
                filled[fill.order_id] += fill.signed_lots
                before = statuses[fill.order_id]
                is_complete = filled[fill.order_id] == sizes[fill.order_id]
                after = status_after_fill(before, is_complete=is_complete)
                assert after in TRANSITIONS[before]
                statuses[fill.order_id] = after
    assert {OrderKind.LIMIT, OrderKind.MARKET, OrderKind.TRAILING_STOP, OrderKind.TAKE_PROFIT} <= kinds
