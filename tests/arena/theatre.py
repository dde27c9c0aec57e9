"""A whole arena on a market that a test speaks for, run step by step, dropped dead and taken up again."""

import asyncio
import contextlib

from cockpit.arena.assembly import Parts
from cockpit.arena.controls import ControlRefused
from cockpit.arena.opening import Past, begin, take_up
from cockpit.arena.rules import Rules
from cockpit.domain.decisions import Decision
from cockpit.domain.events import KIND_OF, EmergencyStage
from cockpit.domain.market import MINUTE_MS, Bar
from cockpit.journal.codec import decode_event, decode_state, encode_event, encode_state
from cockpit.markets.market import MarketStep
from cockpit.trading.breakers import BreakerLimits
from cockpit.trading.fold import apply
from cockpit.trading.state import ArenaState
from cockpit.venues.paper import PaperVenue
from tests.arena.conftest import ScriptedAgent
from tests.arena.floor import LIMITS, PLAIN, SIZING, STYLE
from tests.arena.memory_journal import MemoryJournal
from tests.trading.arena_facts import BTC, CAPITAL, ETH, START_MS, run_started

LISTED = {BTC.symbol: BTC, ETH.symbol: ETH}
NAMES = ("ann", "bob")
HISTORY_BARS = 500
"""What agents may look back on, unless a test says less."""

PATIENCE = 2_000
"""Turns of the event loop that a step may take."""


class ScriptedMarket:
    """Says what it is told to, and the same again to whoever asks from the beginning."""

    name = "scripted"
    instruments = (BTC, ETH)
    interval_ms = MINUTE_MS
    start_ms = START_MS
    notices = ()

    def __init__(self):
        self.told = []
        self.is_awaited = False
        self._more = asyncio.Event()
        self._is_over = False

    def end(self):
        """There is no more to tell."""
        self._is_over = True
        self.is_awaited = False
        self._more.set()

    def tell(self, step):
        self.told.append(step)
        self.is_awaited = False
        self._more.set()

    async def steps(self, after_ms, history):
        past = sum(step.ts_ms <= after_ms for step in self.told)
        index = max(0, past - history)
        while True:
            while index == len(self.told):
                if self._is_over:
                    return
                self._more.clear()
                self.is_awaited = True
                await self._more.wait()
            yield self.told[index]
            index += 1


class Gate:
    """A pacer that lets market time pass when a test says so."""

    speed = 1.0

    def __init__(self):
        self.is_awaited = False
        self._open = asyncio.Event()

    def open(self):
        self.is_awaited = False
        self._open.set()

    async def wait(self, market_ms):
        self.is_awaited = True
        try:
            await self._open.wait()
        finally:
            self.is_awaited = False
        self._open.clear()

    def restart(self):
        return None


class Theatre:
    """A coordinator with everything behind it, on an event loop of its own.

    Attributes:
        market: What is said of prices.
        journal: What became durable.
        words: What each agent answers in the next round; an exception is raised.
        think_ms: How long every answer takes, in market time.
        commits: The last seq of each, at which a snapshot may have been written.
        coordinator: The arena, as it runs now.
    """

    patience = PATIENCE

    def __init__(
        self,
        model=PLAIN,
        limits=LIMITS,
        styles=None,
        *,
        sizing=SIZING,
        cool_down_ms=None,
        protections=(),
        venue=None,
        history_bars=HISTORY_BARS,
        **run,
    ):
        self.loop = asyncio.new_event_loop()
        self.journal = MemoryJournal()
        self.market = ScriptedMarket()
        self.words = dict.fromkeys(NAMES, ())
        self.think_ms = 0
        self.commits = []
        self.is_broken = False
        self.parts = Parts(
            market=self.market,
            venue=venue or PaperVenue(model=model),
            agents=self._agents(),
            rules=Rules(
                sizing=sizing,
                breakers=BreakerLimits(agent={}, arena={}, cool_down_ms=cool_down_ms or {}),
                protections=protections,
                timeouts_s=dict.fromkeys(NAMES, 5.0),
            ),
            limits=dict.fromkeys(NAMES, limits),
            styles=styles or dict.fromkeys(NAMES, STYLE),
            agent_capital=CAPITAL,
            agreement=run_started(round_interval_ms=MINUTE_MS, **run),
            history_bars=history_bars,
        )
        self._gate = Gate()
        self._tell(((50_000.0,) * 4, (2_000.0,) * 4))
        self.coordinator = self.do(begin(self.parts, self.journal, 0, "run-1", self._gate))
        self.do(self.coordinator.recorder.commit())
        self._play()
        self._take_step()

    def _agents(self):
        return {name: ScriptedAgent(name, self._say(name)) for name in NAMES}

    def _say(self, name):
        def say(view, own):
            word = self.words[name]
            if isinstance(word, Exception):
                raise word
            targets = tuple(each for each in word if each.symbol in view.marks)
            return Decision(agent=name, targets=targets, thinking_ms=self.think_ms)

        return say

    # What there is to see

    @property
    def state(self):
        return self.coordinator.recorder.committed

    @property
    def desk(self):
        return self.coordinator.desk

    @property
    def now_ms(self):
        return self.market.told[-1].ts_ms if self.market.told else START_MS

    @property
    def stands_still(self):
        is_needed = self.state.emergency_left or self.state.emergency not in {None, EmergencyStage.HALTED}
        return self.state.paused and not is_needed

    def agent(self, name="ann"):
        return self.state.agents[name]

    def lots(self, name="ann", symbol=BTC.symbol):
        position = self.agent(name).account.positions.get(symbol)
        return position.signed_lots if position else 0

    def events(self, *types):
        return self.journal.events(*types)

    # What there is to do

    def say(self, name, *targets):
        """What an agent answers in the next round, and nothing new after that."""
        self.words = dict.fromkeys(NAMES, ()) | {name: targets}

    def do(self, coroutine):
        try:
            return self.loop.run_until_complete(coroutine)
        except ControlRefused:
            raise
        except Exception:
            self.is_broken = True
            raise

    def ask(self, change, *arguments):
        """Lets something happen between two steps, as requests of people do."""
        self.do(self.coordinator.controls.carry_out(lambda: change(*arguments)))
        self._settle()

    def control(self, name, *arguments, **options):
        self.do(getattr(self.coordinator.controls, name)(*arguments, **options))
        self._settle()

    def emit(self, event):
        self.ask(self.coordinator.recorder.emit, event)

    def step(self, bars, volumes=(1e6, 1e6), rates=None):
        """A minute passes: bars of (open, high, low, close) by instrument, None where one had none."""
        self._tell(bars, volumes, rates)
        self._take_step()

    def _tell(self, bars, volumes=(1e6, 1e6), rates=None):
        before = self.now_ms
        made = tuple(
            None if prices is None else Bar(before, *prices, volume=volume)
            for prices, volume in zip(bars, volumes, strict=True)
        )
        self.market.tell(MarketStep(ts_ms=before + MINUTE_MS, bars=made, funding_rates=rates))

    def _take_step(self):
        self._gate.open()
        self._settle()
        assert self.state.ts_ms == self.now_ms, "a step was not taken"

    def calm(self, minutes=1, **changes):
        """So many minutes in which prices stay where they are."""
        for _ in range(minutes):
            self.step(tuple((self.state.marks[symbol],) * 4 for symbol in LISTED), **changes)

    def calm_to_the_end(self):
        """Calm minutes until the run is finished."""
        while not self.state.finished:
            self._tell(tuple((self.state.marks[symbol],) * 4 for symbol in LISTED))
            self._gate.open()
            self.do(_turns(50))
        self.do(self.running)

    def end_of_data(self):
        self.market.end()
        self._gate.open()
        self.do(self.running)

    def wait_in_vain(self):
        """Real time passes while the arena is paused: market time must not."""
        before = len(self.journal.recorded)
        self._gate.open()
        self.do(_turns(20))
        assert len(self.journal.recorded) == before

    def restart(self, bars, volumes=(1e6, 1e6), *, snapshot_seq=None):
        """The process is gone; its journal and a snapshot, if any, are taken up for the next step.

        Both are what their bytes say.
        """
        left = self.state
        self._stop()
        self.is_broken = True
        past = self._past(snapshot_seq)
        self._tell(bars, volumes)
        self.coordinator, _ = self.do(take_up(self.parts, self.journal, past, self._gate))
        lines = zip(encode_state(left).splitlines(), encode_state(self.state).splitlines(), strict=True)
        changed = [f"{before!r} became {after!r}" for before, after in lines if before != after]
        assert not changed, "\n".join(changed)
        assert self.state == left
        self.is_broken = False
        self._play()
        self._take_step()

    def _past(self, snapshot_seq):
        told = [
            each._replace(event=decode_event(KIND_OF[type(each.event)], encode_event(each.event)))
            for each in self.journal.recorded
        ]
        assert told == self.journal.recorded
        if snapshot_seq is None:
            return Past(events=told)
        replayed = ArenaState()
        for each in told:
            if each.seq <= snapshot_seq:
                apply(replayed, each)
        snapshot = decode_state(encode_state(replayed))
        assert snapshot == replayed
        return Past(state=snapshot, events=[each for each in told if each.seq > snapshot_seq])

    def close(self):
        self._stop()
        self.loop.run_until_complete(self.loop.shutdown_asyncgens())
        self.loop.close()

    def _play(self):
        self.coordinator.recorder.listen(lambda recorded: self.commits.append(recorded[-1].seq))
        self._gate.is_awaited = self.market.is_awaited = False
        self.running = self.loop.create_task(self.coordinator.run())
        self._settle()

    def _stop(self):
        self.running.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            self.do(self.running)

    def _settle(self):
        self.do(self._settled())

    async def _settled(self):
        for _ in range(self.patience):
            await asyncio.sleep(0)
            if self.running.done():
                await self.running
            if self._gate.is_awaited or self.market.is_awaited:
                return
            if self.stands_still:
                await _turns(5)
                return
        raise AssertionError("the arena does not come to rest")


async def _turns(count):
    for _ in range(count):
        await asyncio.sleep(0)
