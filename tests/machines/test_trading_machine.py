"""Anything that can happen to an arena, in any order, against an oracle that reads only its journal."""

from contextlib import suppress
from math import inf, nan

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)

from cockpit.arena.controls import ControlRefused
from cockpit.domain.decisions import Target
from cockpit.domain.events import (
    ARENA,
    AccountSynced,
    BreakerTripped,
    CapitalAllocated,
    EmergencyStage,
    EntriesLocked,
    KillSwitchSet,
    TradingMode,
)
from cockpit.domain.market import MINUTE_MS, Lots
from cockpit.domain.orders import Liquidity, OrderIntent, OrderKind, OrderStatus, TimeInForce
from cockpit.domain.reports import (
    Accepted,
    Canceled,
    CancelRejected,
    Executed,
    Expired,
    MarginCalled,
    Rejected,
    Triggered,
    TriggerMoved,
)
from cockpit.trading.agent_state import BreakerStatus
from cockpit.trading.allocation import Sizing
from cockpit.trading.fill_model import OPTIMISTIC, PESSIMISTIC, REALISTIC, FillModel
from cockpit.trading.guards import PROTECTIVE
from cockpit.trading.margin import MarginMode
from cockpit.trading.order_style import OrderStyle
from cockpit.trading.protections import CooldownPeriod, StoplossGuard
from cockpit.trading.risk import RiskLimits
from tests.arena.floor import PLAIN
from tests.arena.theatre import LISTED, NAMES, Theatre
from tests.machines.journal_oracle import JournalOracle
from tests.trading.arena_facts import BTC, ETH, usd

LOOSE = RiskLimits(
    max_order_notional=usd(10_000_000),
    max_position_notional=usd(10_000_000),
    max_price_deviation=0.5,
    max_gross_leverage=20.0,
    leverage=20.0,
    max_concentration=20.0,
    max_gross_exposure=usd(10_000_000),
    max_net_exposure=usd(10_000_000),
    cooldown_after_stop_ms=0,
    max_arena_gross_leverage=20.0,
    max_arena_net_leverage=20.0,
)
MODELS = {
    "plain": PLAIN,
    "optimistic": OPTIMISTIC,
    "realistic": REALISTIC,
    "pessimistic": PESSIMISTIC,
    "isolated": FillModel(margin=MarginMode.ISOLATED, leverage=20.0, latency_ms=90_000, participation=0.5),
}
STYLES = {
    "market": OrderStyle(),
    "limit": OrderStyle(entry=OrderKind.LIMIT, entry_offset_fraction=0.002, demands_stop=True),
    "immediate": OrderStyle(
        entry=OrderKind.LIMIT, time_in_force=TimeInForce.IOC, entry_offset_fraction=-0.01
    ),
    "trailing": OrderStyle(stop=OrderKind.TRAILING_STOP, trail_fraction=0.01),
    "stop-limit": OrderStyle(
        entry=OrderKind.LIMIT,
        time_in_force=TimeInForce.POST_ONLY,
        stop=OrderKind.STOP_LIMIT,
        stop_slack_fraction=0.001,
    ),
}
LIMITS = {"drawdown": 0.9, "consecutive_losses": 4.0, "errors": 0.9, "missing_stop": None, "costs": 0.3}
PROTECTIONS = (
    CooldownPeriod(stop_ms=2 * MINUTE_MS),
    StoplossGuard(lookback_ms=20 * MINUTE_MS, trade_limit=2, stop_ms=3 * MINUTE_MS),
)

AGENTS = st.sampled_from(NAMES)
SYMBOLS = st.sampled_from([BTC.symbol, ETH.symbol])
MOVES = st.floats(-0.08, 0.08)
VOLUMES = st.sampled_from([0.0, 0.02, 0.3, 5.0, 1e6])
RATES = st.floats(-0.001, 0.001)
DISTANCES = st.none() | st.floats(0.001, 0.1)
EXPOSURES = st.sampled_from([1.0, -1.0, 0.5, -0.5, 0.3, 0.0])
WEIGHTS = st.sampled_from([(), (), (("trend", 2.0), ("mean", 1.0)), (("a", 1.0), ("b", 1.0), ("c", 0.01))])
WORDS = st.lists(st.tuples(AGENTS, SYMBOLS, EXPOSURES, DISTANCES, DISTANCES, WEIGHTS), max_size=3)
"""Agent, symbol, exposure, how far from the mark its stop and target are, and who stands behind it."""


@st.composite
def moves(draw):
    """Open, high, low and close of a bar as changes against the close before; None: no bar."""
    if draw(st.integers(0, 9)) == 0:
        return None
    opened, one, other, closed = (draw(MOVES) for _ in range(4))
    return opened, max(opened, one, other, closed), min(opened, one, other, closed), closed


MINUTES = st.tuples(
    WORDS,
    st.tuples(moves(), moves()),
    st.tuples(VOLUMES, VOLUMES),
    st.none() | st.none() | st.tuples(RATES, RATES),
)
"""What is said, how prices move, what is traded, and the funding that is due."""


class Trading(RuleBasedStateMachine):
    """Drives an arena as its market, its agents, its venue, people and accidents do."""

    @initialize(
        model=st.sampled_from(sorted(MODELS)),
        ann=st.sampled_from(sorted(STYLES)),
        bob=st.sampled_from(sorted(STYLES)),
        leverage=st.sampled_from([1.0, 4.0, 15.0]),
        is_protected=st.booleans(),
        history_bars=st.sampled_from([3, 500]),
    )
    def open(self, model, ann, bob, leverage, is_protected, history_bars):
        self.theatre = Theatre(
            MODELS[model],
            LOOSE,
            {"ann": STYLES[ann], "bob": STYLES[bob]},
            sizing=Sizing(leverage=leverage, rebalance_band=0.1),
            cool_down_ms={"consecutive_losses": 3 * MINUTE_MS, "missing_stop": 0},
            protections=PROTECTIONS if is_protected else (),
            history_bars=history_bars,
            capital_in=usd(30_000),
            agent_limits=LIMITS | {"missing_stop": 1.0 * MINUTE_MS if STYLES[ann].demands_stop else None},
            arena_limits={"drawdown": 0.95},
        )
        self.oracle, self.seen = JournalOracle(), 0

    # The market, and agents

    @rule(minutes=st.lists(MINUTES, min_size=1, max_size=4), is_put_right=st.booleans())
    def a_while_passes(self, minutes, is_put_right):
        if is_put_right:
            self._put_right()
        for minute in minutes:
            self._pass(*minute)

    @rule(minutes=st.lists(MINUTES, min_size=2, max_size=5))
    def all_goes_well_for_a_while(self, minutes):
        self._put_right()
        for minute in minutes:
            self._pass(*minute)

    @rule(minute=MINUTES, age=st.none() | st.floats(0.0, 1.0))
    def the_process_is_killed_and_started_again(self, minute, age):
        if self.theatre.stands_still:
            return
        commits = self.theatre.commits
        seq = commits[round(age * (len(commits) - 1))] if commits and age is not None else None
        words, moved, volumes, _ = minute
        self._let_speak(words)
        self.theatre.restart(self._bars(moved), volumes, snapshot_seq=seq)

    @rule(agent=AGENTS, minute=MINUTES)
    def an_agent_fails(self, agent, minute):
        self._pass(*minute, failing=agent)

    def _put_right(self):
        """Whatever keeps the arena from trading is over."""
        state = self.theatre.state
        if state.emergency in {None, EmergencyStage.HALTED}:
            self.theatre.control("unkill", "a test")
        self.theatre.control("resume", "a test")
        self.theatre.control("set_mode", TradingMode.ACTIVE, "a test")
        for scope, name in self._tripped():
            self.theatre.control("reset_breaker", name, scope, "a test")
        for name in NAMES:
            if self.theatre.state.agents[name].unsynced:
                self.an_account_is_synced(name)

    def _pass(self, words, moved, volumes, rates, failing=None):
        if self.theatre.stands_still:
            self.theatre.wait_in_vain()
            return
        self._let_speak(words)
        if failing:
            self.theatre.words[failing] = ValueError("nothing comes to mind")
        self.theatre.step(self._bars(moved), volumes, rates)
        self.everything_agrees()

    def _let_speak(self, words):
        spoken = {name: {} for name in NAMES}
        for agent, *word in words:
            spoken[agent][word[0]] = self._target(*word)
        self.theatre.words = {name: tuple(said.values()) for name, said in spoken.items()}

    def _bars(self, moved):
        return tuple(self._bar(listed, move) for listed, move in zip((BTC, ETH), moved, strict=True))

    def _mark(self, symbol):
        return self.theatre.state.marks[symbol]

    def _target(self, symbol, exposure, stop, take_profit, weights):
        mark, side = self._mark(symbol), 1 if exposure > 0 else -1
        return Target(
            symbol=symbol,
            exposure=exposure,
            stop=stop and mark * (1 - side * (stop + 0.09)),
            take_profit=take_profit and mark * (1 + side * (take_profit + 0.09)),
            weights=weights,
        )

    def _bar(self, listed, move):
        if move is None:
            return None
        # Near its first price, so that no walk leaves the range in which prices make sense.
        base = min(max(self._mark(listed.symbol), 500.0), 100_000.0)
        return tuple(listed.round_price(base * (1 + change)) for change in move)

    # Orders of any kind

    @rule(
        agent=AGENTS,
        symbol=SYMBOLS,
        kind=st.sampled_from(OrderKind),
        lots=st.integers(-400, 400),
        near=st.floats(-0.1, 0.1),
        trigger=st.floats(-0.1, 0.1),
        time_in_force=st.sampled_from(TimeInForce),
        reduce_only=st.booleans(),
        thinking_ms=st.sampled_from([0, 0, 0, 30_000, 200_000]),
    )
    def anyone_asks_for_anything(
        self, agent, symbol, kind, lots, near, trigger, time_in_force, reduce_only, thinking_ms
    ):
        listed, mark = LISTED[symbol], self._mark(symbol)
        if reduce_only:
            position = self.theatre.state.agents[agent].account.positions.get(symbol)
            lots = -position.signed_lots * abs(lots) // 400 if position else lots
        has_limit = kind in {OrderKind.LIMIT, OrderKind.STOP_LIMIT}
        has_trigger = kind not in {OrderKind.MARKET, OrderKind.LIMIT}
        intent = OrderIntent(
            agent=agent,
            symbol=symbol,
            kind=kind,
            signed_lots=Lots(lots),
            limit_price=listed.round_price(mark * (1 + near)) if has_limit else None,
            trigger_price=listed.round_price(mark * (1 + trigger)) if has_trigger else None,
            trail_distance=mark * 0.01 if kind is OrderKind.TRAILING_STOP else None,
            time_in_force=time_in_force if has_limit else TimeInForce.GTC,
            reduce_only=reduce_only,
            thinking_ms=thinking_ms,
        )
        self.theatre.ask(self.theatre.desk.place, intent)

    @rule(agent=AGENTS, data=st.data())
    def an_order_is_taken_back(self, agent, data):
        working = self.theatre.desk.blotter.working(agent)
        if working:
            order = data.draw(st.sampled_from(working))
            self.theatre.ask(self.theatre.desk.cancel, order, "a test said so")
            if order.purpose in PROTECTIVE and data.draw(st.booleans()):
                self.theatre.ask(self.theatre.desk.protect, agent, order.symbol)

    @rule(agent=AGENTS)
    def an_agent_is_flattened(self, agent):
        self.theatre.ask(self.theatre.desk.flatten, agent, "a test said so")

    # A venue that says what is not so, or says it twice

    @rule(data=st.data(), kind=st.sampled_from([Accepted, Triggered]))
    def the_venue_answers_anything(self, data, kind):
        self._report(kind(order_id=self._any_order(data)))

    @rule(data=st.data(), kind=st.sampled_from([Rejected, Canceled, CancelRejected, Expired]))
    def the_venue_ends_anything(self, data, kind):
        self._report(kind(order_id=self._any_order(data), reason="a test said so"))

    @rule(data=st.data(), move=st.sampled_from([0.0, 0.001, -0.001, -2.0, nan, inf]))
    def the_venue_moves_any_trigger(self, data, move):
        order_id = self._any_order(data)
        mirror = self.oracle.orders.get(order_id)
        base = 100.0 if mirror is None or mirror.trigger is None else mirror.trigger
        self._report(TriggerMoved(order_id=order_id, trigger_price=base * (1 + move)))

    @rule(
        data=st.data(),
        share=st.sampled_from([0.3, 0.7, 1.0]) | st.sampled_from([0.3, 1.0, 1.1, -1.0, 0.0]),
        slip=st.sampled_from([0.0, 0.01, -0.01]) | st.sampled_from([0.0, -1.0, -2.0, nan, inf, 1e30]),
        is_known=st.booleans(),
    )
    def the_venue_executes_anything(self, data, share, slip, is_known):
        order_id = self._any_order(data)
        mirror = self.oracle.orders.get(order_id)
        agent, symbol, left = "ann", BTC.symbol, 10
        if mirror is not None:
            agent, symbol = mirror.made.agent, mirror.made.symbol
            left = mirror.lots - mirror.filled or mirror.lots
        told = self.oracle.trade_ids[agent]
        is_known = is_known and bool(told)
        before = len(self.theatre.journal.recorded)
        self._report(
            Executed(
                order_id=order_id,
                trade_id=told[-1] if is_known else f"late-{before}",
                ts_ms=self.theatre.now_ms,
                signed_lots=Lots(round(left * share)),
                price=LISTED[symbol].round_price(self._mark(symbol)) * (1 + slip),
                fee=usd(0.01),
                liquidity=Liquidity.TAKER,
            )
        )
        if is_known:
            assert len(self.theatre.journal.recorded) == before, "a trade id that was told twice counted"

    @rule(agent=AGENTS, symbol=SYMBOLS)
    def the_venue_calls_margin(self, agent, symbol):
        mark = self._mark(symbol)
        self._report(
            MarginCalled(
                agent=agent,
                symbol=symbol,
                ts_ms=self.theatre.now_ms,
                price=mark,
                equity=usd(1),
                maintenance=usd(2),
            )
        )

    def _any_order(self, data):
        count = len(self.oracle.orders)
        recent = list(range(max(1, count - 12), count + 2))
        recent += [number for number in recent[:-1] if self._is_gone(number)]
        alive = [number for number, each in self.oracle.orders.items() if each.is_alive]
        return data.draw(st.sampled_from(alive + recent))

    def _is_gone(self, number):
        return self.oracle.orders[number].status in {OrderStatus.CANCELED, OrderStatus.EXPIRED}

    def _report(self, report):
        self.theatre.ask(self.theatre.desk.take, report)

    # What stops trading, and lets it go on

    @rule(what=st.sampled_from(["kill", "flatten", "unkill", "unkill", "pause", "resume", "resume"]))
    def somebody_turns_a_switch(self, what):
        try:
            match what:
                case "kill" | "flatten":
                    self.theatre.control("kill", "a test", flatten=what == "flatten")
                case _:
                    self.theatre.control(what, "a test")
        except ControlRefused:
            assert self.theatre.state.emergency in {EmergencyStage.CANCELING, EmergencyStage.FLATTENING}

    @rule(agent=AGENTS)
    def somebody_asks_for_what_fails_half_way(self, agent):
        before = len(self.theatre.journal.recorded)
        switch = KillSwitchSet(on=not self.theatre.state.killed, by="a test")

        def change():
            self.theatre.desk.flatten(agent, "a test said so")
            self.theatre.coordinator.recorder.emit(switch)
            raise ControlRefused("a test said so")

        with suppress(ControlRefused):
            self.theatre.ask(change)
        assert len(self.theatre.journal.recorded) == before, "what failed left a trace"

    @rule(mode=st.sampled_from([*TradingMode, TradingMode.ACTIVE]))
    def somebody_sets_the_mode(self, mode):
        self.theatre.control("set_mode", mode, "a test")

    @precondition(lambda self: self.theatre.state.alerts)
    @rule()
    def somebody_sees_an_alert(self):
        first = self.theatre.state.alerts[0].seq
        self.theatre.control("acknowledge", first, "a test")
        assert all(alert.seq != first for alert in self.theatre.state.alerts)

    @rule(scope=st.sampled_from(["ann", "bob", ARENA]))
    def a_breaker_trips(self, scope):
        tripped = {"breaker": "drawdown", "value": 1.0, "limit": 0.5, "reason": "r", "stopped": "s"}
        self.theatre.emit(BreakerTripped(scope=scope, **tripped))

    @precondition(lambda self: self._tripped())
    @rule(data=st.data())
    def a_breaker_is_reset(self, data):
        scope, name = data.draw(st.sampled_from(self._tripped()))
        self.theatre.control("reset_breaker", name, scope, "a test")

    def _tripped(self):
        state = self.theatre.state
        scopes = {ARENA: state.breakers} | {name: each.breakers for name, each in state.agents.items()}
        return [
            (scope, name)
            for scope, breakers in scopes.items()
            for name, breaker in breakers.items()
            if breaker.status is not BreakerStatus.ARMED
        ]

    @rule(
        agent=AGENTS, symbol=st.none() | SYMBOLS, minutes=st.integers(1, 5), is_long=st.none() | st.booleans()
    )
    def a_protection_locks_entries(self, agent, symbol, minutes, is_long):
        until_ms = self.theatre.state.ts_ms + minutes * MINUTE_MS
        lock = {"agent": agent, "symbol": symbol, "until_ms": until_ms, "is_long": is_long}
        self.theatre.emit(EntriesLocked(protection="a test", reason="r", **lock))

    @rule(agent=AGENTS)
    def an_account_is_synced(self, agent):
        self.theatre.emit(AccountSynced(agent=agent, by="a test"))
        assert self.theatre.state.agents[agent].unsynced == ""

    @precondition(lambda self: self.theatre.state.treasury >= usd(1_000))
    @rule(agent=AGENTS)
    def capital_is_added(self, agent):
        self.theatre.emit(CapitalAllocated(agent=agent, amount=usd(1_000)))

    # What has to hold whatever happened

    @invariant()
    def everything_agrees(self):
        for recorded in self.theatre.journal.recorded[self.seen :]:
            self.oracle.learn(recorded)
        self.seen = len(self.theatre.journal.recorded)
        self.oracle.compare(self.theatre.state)
        assert self.theatre.coordinator.recorder.draft == self.theatre.state

    def teardown(self):
        if not hasattr(self, "theatre"):
            return
        try:
            if not self.theatre.is_broken:
                self._bring_to_a_halt()
        finally:
            self.theatre.close()

    def _bring_to_a_halt(self):
        """However it stands, an emergency stop ends with nothing at work and nothing open."""
        self.somebody_turns_a_switch("flatten")
        for _ in range(8):
            state = self.theatre.state
            if state.emergency is EmergencyStage.HALTED and not state.emergency_left:
                break
            self.theatre.words = dict.fromkeys(NAMES, ())
            self.theatre.step(((self._mark(BTC.symbol),) * 4, (self._mark(ETH.symbol),) * 4))
        self.everything_agrees()
        state = self.theatre.state
        assert state.emergency is EmergencyStage.HALTED
        assert state.killed
        assert not any(agent.account.positions or agent.working for agent in state.agents.values())


BATCH = 2_000
"""Hypothesis remembers every example it has tried, so a night's worth of them is played in batches."""


def test_an_arena_is_what_its_journal_says_whatever_happens_to_it(examples):
    for begun in range(0, examples, BATCH):
        run_state_machine_as_test(
            Trading,
            settings=settings(
                max_examples=min(BATCH, examples - begun),
                stateful_step_count=25,
                derandomize=examples <= BATCH,  # the same lives in every check of a change
                database=None,
                deadline=None,
                report_multiple_bugs=False,
                suppress_health_check=[HealthCheck.too_slow],
            ),
        )
