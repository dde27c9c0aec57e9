"""A session gathered from events, by hand: what each agent did, and what the run came to."""

import pytest

from cockpit.domain.decisions import FailureKind
from cockpit.domain.events import (
    ARENA,
    AgentGrounded,
    BotStarted,
    BotStopped,
    BreakerReset,
    BreakerTripped,
    CapitalAllocated,
    JournalOutage,
    KillSwitchSet,
    MarginExhausted,
    OrderMoved,
    PauseSet,
    RunFinished,
    ShortfallCovered,
)
from cockpit.domain.market import DAY_MS, MINUTE_MS
from cockpit.domain.orders import OrderStatus
from cockpit.report.collector import collect_session
from cockpit.report.reading import read_session
from cockpit.report.session import DECISION_LOG, DayInvalid, NothingToReport, Session, utc_day_period
from cockpit.report.statistics import Statistics, arena_statistics, ranked
from tests.report.story import START_MS, SYMBOL, Story, micros


def figures(session: Session, name: str) -> Statistics:
    return next(row for row in ranked(session) if row.name == name)


def after(minutes: int) -> int:
    return START_MS + minutes * MINUTE_MS


EXPECTED = {
    "rank": (2, 1),
    "capital": (micros(1_000), micros(1_000)),
    "equity": (micros(974.025), micros(1_019.61)),
    "pnl": (micros(-25.975), micros(19.61)),
    "return_fraction": (-0.025975, 0.01961),
    "trades": (1, 1),
    "win_rate": (0.0, 1.0),
    "profit_factor": (0.0, None),
    "expectancy": (micros(-25.975), micros(19.61)),
    "best_trade": (micros(-25.975), micros(19.61)),
    "worst_trade": (micros(-25.975), micros(19.61)),
    "max_drawdown": (100 / 1_049.5, 10.18 / 1_000),
    "max_drawdown_duration_ms": (3 * MINUTE_MS, 2 * MINUTE_MS),
    "sharpe": (None, None),
    "sortino": (None, None),
    "cagr": (None, None),
    "calmar": (None, None),
    "realized": (micros(-25), micros(20)),
    "fees": (micros(0.975), micros(0.34)),
    "slippage": (micros(0.25), micros(-0.02)),
    "funding": (0, micros(0.05)),
    "costs": (micros(1.225), micros(0.37)),
    "fees_fraction": (0.001, 0.001),
    "slippage_fraction": (0.25 / 975, -0.02 / 340),
    "funding_fraction": (0.0, 0.05 / 340),
    "costs_fraction": (1.225 / 975, 0.37 / 340),
    "covered": (0, 0),
    "liquidations": (0, 0),
    "wins": (0, 1),
    "losses": (1, 0),
    "pending": (0, 0),
    "adverse_excursion": (0.10, 5 / 90),
    "favorable_excursion": (0.10, 10 / 90),
    "turnover": (micros(975), micros(340)),
    "exposure": ((550 / 1_049.5 + 450 / 949.5) / 5, 190 / 989.82 / 5),
    "time_in_market": (2 / 5, 1 / 5),
    "fills": (2, 2),
    "intents": (0, 0),
    "intents_filled": (0, 0),
    "intents_won": (0, 0),
    "intents_lost": (0, 0),
    "intents_pending": (0, 0),
    "decisions": (1, 1),
    "errors": (0, 1),
    "orders": (2, 2),
    "denied": (0, 0),
    "held": (0, 0),
    "trips": (0, 0),
    "benched": (False, False),
    "cost": (None, None),
}


@pytest.mark.parametrize("name", EXPECTED)
def test_each_figure_is_what_one_gets_by_hand(session: Session, name: str) -> None:
    for agent, expected in zip(("alice", "bob"), EXPECTED[name], strict=True):
        found = getattr(figures(session, agent), name)
        assert found == (pytest.approx(expected, rel=1e-12) if isinstance(expected, float) else expected)


def test_the_table_above_has_every_figure() -> None:
    assert set(EXPECTED) | {"name", "kind", "confidence"} == set(Statistics.__slots__)


def test_the_arena_adds_up_its_agents(session: Session) -> None:
    arena = arena_statistics(session)
    assert arena.rank is None
    assert arena.equity == micros(1_993.635)
    assert arena.pnl == micros(-6.365)
    assert arena.return_fraction == pytest.approx(-6.365 / 2_000)
    assert (arena.trades, arena.win_rate) == (2, 0.5)
    assert arena.profit_factor == pytest.approx(19.61 / 25.975)
    assert (arena.best_trade, arena.worst_trade) == (micros(19.61), micros(-25.975))
    assert arena.max_drawdown == pytest.approx(100 / 2_049.5)
    assert arena.max_drawdown_duration_ms == 3 * MINUTE_MS
    assert (arena.fees, arena.turnover) == (micros(1.315), micros(1_315))
    assert arena.exposure == pytest.approx((550 / 2_049.5 + 450 / 1_949.5 + 190 / 1_963.845) / 5)
    assert (arena.decisions, arena.errors) == (2, 1)
    assert arena.confidence.mean == pytest.approx((0.8 + 0.25) / 2)


def test_rounds_returns_and_drawdowns_have_their_times(session: Session) -> None:
    alice, bob = session.agents
    assert [each.number for each in session.rounds] == [1, 2, 3, 4, 5]
    assert [each.ts_ms for each in session.rounds] == [after(minute) for minute in (1, 2, 3, 4, 5)]
    assert alice.equities == tuple(map(micros, (1_000, 1_049.5, 949.5, 974.025, 974.025)))
    assert alice.returns == pytest.approx((0, 0.0495, 949.5 / 1_049.5 - 1, 974.025 / 949.5 - 1, 0))
    assert alice.drawdown is not None
    assert bob.drawdown is not None
    assert (alice.drawdown.peak_ms, alice.drawdown.trough_ms) == (after(2), after(3))
    assert alice.drawdown.recovered_ms is None
    assert (bob.drawdown.peak_ms, bob.drawdown.recovered_ms) == (after(3), after(5))
    assert bob.failures == {FailureKind.TIMEOUT: 1}
    assert (session.from_ms, session.to_ms) == (START_MS, after(5))


def test_orders_are_counted_by_how_they_ended(story: Story) -> None:
    story.end_order(story.order("bob", 1), OrderStatus.DENIED, "too small")
    story.end_order(story.order("bob", 1), OrderStatus.HELD)
    session = collect_session(story.events)
    bob = figures(session, "bob")
    assert (bob.orders, bob.denied, bob.held) == (4, 1, 1)
    expected = {OrderStatus.FILLED: 2, OrderStatus.DENIED: 1, OrderStatus.HELD: 1}
    assert session.agents[1].orders_ended == expected


def test_an_order_filled_in_parts_ends_once(story: Story) -> None:
    before = collect_session(story.events).agents[0]
    order = story.order("alice", 300)
    story.send(order)
    story.fill(order, 100, 80.0)
    story.fill(order, 200, 81.0)
    found = collect_session(story.events).agents[0]
    assert found.fills == before.fills + 2
    assert found.orders_ended[OrderStatus.FILLED] == before.orders_ended[OrderStatus.FILLED] + 1
    assert [position.signed_lots for position in found.positions] == [300]


def test_an_execution_that_comes_after_its_order_was_cancelled_counts(story: Story) -> None:
    order = story.order("alice", 300)
    story.send(order)
    story.tell(
        OrderMoved(
            agent="alice", order_id=order.order_id, before=OrderStatus.ACCEPTED, after=OrderStatus.CANCELED
        )
    )
    canceled = collect_session(story.events).agents[0]
    assert canceled.orders_ended[OrderStatus.CANCELED] == 1
    story.fill(order, 100, 80.0)
    part = collect_session(story.events).agents[0]
    assert (part.fills, part.orders_ended) == (canceled.fills + 1, canceled.orders_ended)
    story.fill(order, 200, 81.0)
    whole = collect_session(story.events).agents[0]
    assert whole.fills == canceled.fills + 2
    assert whole.orders_ended == {OrderStatus.FILLED: canceled.orders_ended[OrderStatus.FILLED] + 1}


def test_a_liquidation_and_the_loss_it_left_to_the_venue_are_told(story: Story) -> None:
    before = figures(collect_session(story.events), "bob")
    liquidated = MarginExhausted(
        agent="bob", symbol=SYMBOL, price=150.0, equity=micros(1), maintenance=micros(2)
    )
    story.tell(liquidated)
    story.tell(ShortfallCovered(agent="bob", amount=micros(12.5)))
    session = collect_session(story.events)
    bob, arena = figures(session, "bob"), arena_statistics(session)
    assert (bob.liquidations, bob.covered) == (arena.liquidations, arena.covered) == (1, micros(12.5))
    assert (before.liquidations, before.covered) == (0, 0)
    assert figures(session, "alice").liquidations == 0
    assert [each.event for each in session.incidents] == [
        liquidated,
        ShortfallCovered(agent="bob", amount=micros(12.5)),
    ]


def test_an_open_position_is_pending_and_break_even_is_neither_win_nor_loss() -> None:
    story = Story()
    story.step(100)
    story.trade("alice", 100, 100.0)
    story.rounds([100])
    held = figures(collect_session(story.events), "alice")
    assert (held.wins, held.losses, held.pending) == (0, 0, 1)
    story.trade("alice", -100, 100.2002002002)  # the two fees exactly
    alice = figures(collect_session(story.events), "alice")
    assert (alice.wins, alice.losses, alice.pending, alice.best_trade) == (0, 0, 0, 0)


def test_breakers_and_the_kill_switch_are_incidents(story: Story) -> None:
    for scope in ("alice", ARENA):
        story.tell(
            BreakerTripped(
                scope=scope, breaker="drawdown", value=0.3, limit=0.2, reason="30 % ≥ 20 %", stopped="it"
            )
        )
    story.tell(BreakerReset(scope=ARENA, breaker="drawdown", by="a person"))
    story.tell(KillSwitchSet(on=True, by="a person"))
    session = collect_session(story.events)
    assert len(session.incidents) == 4
    assert (figures(session, "alice").trips, figures(session, "alice").benched) == (1, True)
    assert (figures(session, "bob").trips, arena_statistics(session).trips) == (0, 2)


def test_what_processes_and_people_do_beside_the_run_changes_no_figure(story: Story) -> None:
    plain = collect_session(story.events)
    story.tell(BotStopped(wall_ms=1, reason="killed"))
    story.tell(BotStarted(wall_ms=2, recovered_from="a snapshot"))
    story.tell(JournalOutage(lasted_ms=5_000, reason="disk full"))
    story.tell(PauseSet(on=True, by="a person"))
    disturbed = collect_session(story.events)
    assert len(disturbed.process) == len(plain.process) + 4
    for name in set(Session.__slots__) - {"process", "last_seq"}:
        assert getattr(disturbed, name) == getattr(plain, name), name


def test_capital_given_later_is_no_profit() -> None:
    story = Story(spare=500)
    story.trade("alice", 100, 100.0)
    story.rounds([100, 110])
    story.tell(CapitalAllocated(agent="alice", amount=micros(500)))
    story.rounds([110])
    session = collect_session(story.events)
    alice = figures(session, "alice")
    assert (alice.capital, alice.pnl) == (micros(1_500), micros(10 - 0.1))
    assert session.agents[0].returns == pytest.approx((-0.0001, 1_009.9 / 999.9 - 1, 0))
    assert alice.max_drawdown == pytest.approx(0.0001)


def test_one_utc_day_is_measured_from_what_everybody_had_when_it_began() -> None:
    story = Story(step_ms=DAY_MS // 4)
    story.trade("alice", 500, 100.0)
    story.rounds([100, 104, 108])  # until 18:00
    story.rounds([110, 120, 115, 115])  # 00:00 to 18:00 of the second day
    story.rounds([90])  # the third
    second = collect_session(story.events, utc_day_period("2025-01-02"))
    alice = figures(second, "alice")

    assert [each.number for each in second.rounds] == [4, 5, 6, 7]
    assert alice.capital == micros(1_000 - 0.5 + 40)  # at the mark of 18:00, 108
    assert alice.pnl == micros((115 - 108) * 5)
    assert alice.max_drawdown == pytest.approx(25 / (1_000 - 0.5 + 100))
    assert (alice.fees, alice.fills, alice.trades) == (0, 0, 0)
    assert second.executions == ()
    assert figures(collect_session(story.events), "alice").fills == 1


def test_a_day_on_which_nothing_happened_is_told_apart_from_a_quiet_one(story: Story) -> None:
    with pytest.raises(NothingToReport, match="the run has market time 2025-01-01T00:00:00Z to"):
        collect_session(story.events, utc_day_period("2025-01-02"))
    with pytest.raises(NothingToReport):
        collect_session(story.events, utc_day_period("2024-12-31"))


@pytest.mark.parametrize("text", ["yesterday", "2025-02-30", "01/02/2025", ""])
def test_a_day_is_written_year_month_day(text: str) -> None:
    with pytest.raises(DayInvalid, match="2025-01-31"):
        utc_day_period(text)


def test_of_several_runs_the_last_one_counts(story: Story) -> None:
    again = Story()
    again.rounds([50])
    session = collect_session([*story.events, *again.events])
    assert len(session.rounds) == 1
    assert session.executions == ()
    assert figures(session, "alice").pnl == 0


def test_no_run_is_nothing_to_report(story: Story, tmp_path) -> None:
    with pytest.raises(NothingToReport, match="cockpit start"):
        collect_session([])
    with pytest.raises(NothingToReport):
        collect_session(story.events[1:])
    with pytest.raises(NothingToReport, match="no bot has run there"):
        read_session(tmp_path / "journal.sqlite")


def test_the_decision_log_keeps_the_newest_that_say_something() -> None:
    story = Story()
    story.step(100)
    for number in range(DECISION_LOG + 5):
        story.decide("alice", 0.5, f"reason {number}")
    session = collect_session(story.events)
    assert len(session.answers) == DECISION_LOG
    assert session.answers[-1].event.targets[0].reason == f"reason {DECISION_LOG + 4}"
    assert figures(session, "alice").decisions == DECISION_LOG + 5


def test_equals_share_a_rank_and_stand_in_start_list_order() -> None:
    story = Story(names=("zoe", "adam", "mia"))
    story.trade("mia", 100, 100.0)
    story.rounds([90])
    rows = ranked(collect_session(story.events))
    assert [(row.rank, row.name) for row in rows] == [(1, "zoe"), (1, "adam"), (3, "mia")]


def test_what_cannot_take_part_and_never_did_stands_last_without_a_rank() -> None:
    story = Story(names=("idle", "adam", "mia"))
    for name in ("idle", "mia"):
        story.tell(AgentGrounded(agent=name, reason="no key"))
    story.trade("adam", 100, 100.0)
    story.trade("mia", 100, 100.0)
    story.decide("mia", 0.5, "before it was grounded")
    story.rounds([90])
    session = collect_session(story.events)
    rows = ranked(session)
    assert [(row.rank, row.name) for row in rows] == [(1, "adam"), (1, "mia"), (None, "idle")]
    assert rows[-1].return_fraction == 0.0 > rows[0].return_fraction
    assert [(row.rank, row.agent) for row in session.standings] == [(row.rank, row.name) for row in rows]


def test_a_finished_run_says_why(story: Story) -> None:
    story.tell(RunFinished(reason="all 5 rounds are played"))
    assert collect_session(story.events).finished == "all 5 rounds are played"


def test_a_real_runs_report_agrees_with_its_leaderboard(finished) -> None:
    session = read_session(finished.journal)
    assert len(session.rounds) == 40
    assert sum(row.trades for row in session.standings) > 0
    for row, standing in zip(ranked(session), session.standings, strict=True):
        assert (row.rank, row.name, row.equity, row.pnl) == (
            standing.rank,
            standing.agent,
            standing.equity,
            standing.pnl,
        )
        assert (row.trades, row.win_rate, row.errors) == (standing.trades, standing.win_rate, standing.errors)
        assert row.max_drawdown == standing.max_drawdown
        assert row.sharpe == (None if standing.sharpe is None else pytest.approx(standing.sharpe, rel=1e-9))
