"""The read models: what is committed with the events is what a rebuild makes of them."""

import sqlite3
from contextlib import closing
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from cockpit.domain.events import OrderFilled, PauseSet, Recorded
from cockpit.domain.orders import OrderStatus
from cockpit.journal import projection
from cockpit.journal.journal import Journal
from cockpit.journal.schema import connect_writer
from cockpit.journal.writer import JournalWriter
from cockpit.trading.fold import apply
from cockpit.trading.state import ArenaState
from tests.journal.event_stream import EventStream
from tests.journal.trade_story import TradeStory


def read_models(path: Path) -> dict[str, list[tuple[Any, ...]]]:
    with closing(sqlite3.connect(path)) as connection:
        return {
            table: connection.execute(f"SELECT * FROM {table} ORDER BY 1, 2, 3").fetchall()
            for table in projection.TABLES
        }


def select(path: Path, query: str) -> list[tuple[Any, ...]]:
    with closing(sqlite3.connect(path)) as connection:
        return connection.execute(query).fetchall()


async def committed(journal: Journal, stream: EventStream, rounds: int) -> None:
    for ts_ms, batch in stream.batches(rounds, finish=True):
        await journal.commit(stream.run_id, ts_ms, batch)


@settings(max_examples=8, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow])
@given(seed=st.integers(0, 2**32), rounds=st.integers(1, 40))
async def test_rebuilt_read_models_equal_those_committed(
    tmp_path_factory: pytest.TempPathFactory, seed: int, rounds: int
) -> None:
    path = tmp_path_factory.mktemp("bot") / "journal.sqlite"
    journal = Journal.open(path)
    for run_id in ("run-1", "run-2"):
        stream = EventStream(seed, agents=3, run_id=run_id, first_seq=journal.last_seq + 1)
        await committed(journal, stream, rounds)
    before = read_models(path)
    assert journal.rebuild() == journal.last_seq
    journal.close()
    assert read_models(path) == before


async def test_every_read_model_has_rows_after_a_while(journal: Journal, path: Path) -> None:
    await committed(journal, EventStream(), 120)
    assert [table for table, found in read_models(path).items() if not found] == []


async def test_a_rebuild_mends_read_models_that_were_spoiled(
    journal: Journal, path: Path, stream: EventStream
) -> None:
    await committed(journal, stream, 20)
    before = read_models(path)
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("DELETE FROM fills")
        connection.execute("UPDATE orders SET status = 'lost'")
        connection.execute("UPDATE balances SET cash_micros = 0")
        connection.commit()
    journal.rebuild()
    assert read_models(path) == before


def test_every_table_but_the_events_is_a_read_model(path: Path) -> None:
    connection, _ = connect_writer(path)
    with closing(connection):
        names = connection.execute("SELECT name FROM sqlite_schema WHERE type = 'table'").fetchall()
    assert {name for (name,) in names} == {"events", *projection.TABLES}


async def test_balances_and_positions_are_the_folds_to_the_micro_unit(journal: Journal, path: Path) -> None:
    stream = EventStream(seed=3)
    for ts_ms, batch in stream.batches(150):
        await journal.commit(stream.run_id, ts_ms, batch)
    state: ArenaState = stream.state
    held = [
        (
            name,
            position.symbol,
            position.signed_lots,
            position.cost,
            position.opened_ms,
            position.entry_lots,
            position.realized,
            position.fees,
            position.funding,
            position.decision_id,
            position.order_id,
        )
        for name, agent in state.agents.items()
        for position in agent.account.positions.values()
    ]
    assert len(held) >= 5
    found = select(
        path,
        "SELECT agent, symbol, signed_lots, cost_micros, opened_ms, entry_lots, realized_micros, fees_micros,"
        " funding_micros, decision_id, order_id FROM positions",
    )
    assert sorted(found) == sorted(held)
    columns = "cash_micros, capital_micros, realized_micros, fees_micros, funding_micros, covered_micros"
    assert select(path, f"SELECT agent, {columns}, slippage_micros FROM balances") == [
        (
            name,
            each.account.cash,
            each.capital,
            each.realized,
            each.fees,
            each.funding,
            each.covered,
            each.slippage,
        )
        for name, each in state.agents.items()
    ]
    assert any(agent.covered for agent in state.agents.values())


async def test_after_every_fill_the_position_is_the_folds(journal: Journal, path: Path) -> None:
    stream = EventStream(seed=8, agents=4)
    for ts_ms, batch in stream.batches(80):
        await journal.commit(stream.run_id, ts_ms, batch)
    state = ArenaState()
    expected = []
    for recorded in journal.events():
        apply(state, recorded)
        if isinstance(recorded.event, OrderFilled):
            fill = recorded.event.fill
            held = state.agents[fill.agent].account.positions.get(fill.symbol)
            after = (0, 0) if held is None else (held.signed_lots, held.cost)
            expected.append((fill.fill_id, *after))
    found = select(path, "SELECT fill_id, signed_lots, cost_micros FROM position_snapshots ORDER BY fill_id")
    assert found == expected
    assert len(found) >= 60


async def test_a_position_is_named_by_the_fill_that_opened_it_and_so_is_its_trade(
    journal: Journal, path: Path
) -> None:
    await committed(journal, EventStream(seed=6, agents=4), 80)
    sums = select(
        path,
        "SELECT opening_fill_id, sum(realized_micros) FROM"
        " (SELECT t.opening_fill_id, f.realized_micros FROM trades AS t JOIN fills AS f"
        " ON f.position_fill_id = t.opening_fill_id) GROUP BY opening_fill_id",
    )
    trades = select(path, "SELECT opening_fill_id, realized_micros FROM trades ORDER BY opening_fill_id")
    assert sums == trades
    assert len(trades) >= 15


async def test_orders_stand_where_the_fold_has_them(journal: Journal, path: Path) -> None:
    stream = EventStream(seed=4)
    for ts_ms, batch in stream.batches(80):
        await journal.commit(stream.run_id, ts_ms, batch)
    working = {
        order.order_id: (
            order.status,
            abs(order.filled_lots),
            abs(order.signed_lots),
            order.trigger_price,
            order.limit_price,
            order.is_split,
        )
        for agent in stream.state.agents.values()
        for order in agent.working.values()
    }
    found = select(
        path,
        "SELECT order_id, status, filled_lots, lots, trigger_price, limit_price, is_split FROM orders"
        " WHERE status NOT IN ('filled', 'denied', 'held', 'canceled', 'rejected', 'expired')",
    )
    assert {order_id: facts for order_id, *facts in found} == {k: list(v) for k, v in working.items()}
    gone = {
        order.order_id: (order.status, abs(order.filled_lots))
        for agent in stream.state.agents.values()
        for order in agent.gone.values()
        if not order.is_split
    }
    stood = select(path, "SELECT order_id, status, filled_lots FROM orders")
    assert gone.items() <= {order_id: (status, lots) for order_id, status, lots in stood}.items()
    lives = select(
        path,
        "SELECT o.order_id FROM orders AS o WHERE o.status !="
        " (SELECT status_after FROM order_lifecycle_events AS e"
        " WHERE e.order_id = o.order_id ORDER BY e.seq DESC LIMIT 1)",
    )
    assert lives == []


async def test_what_is_filled_of_a_split_order_is_its_shares_sum(journal: Journal, path: Path) -> None:
    await committed(journal, EventStream(seed=9, agents=5), 80)
    found = select(
        path,
        "SELECT p.filled_lots, sum(c.filled_lots) FROM orders AS p JOIN orders AS c"
        " ON c.parent_id = p.order_id WHERE p.is_split = 1 AND c.strategy IS NOT NULL GROUP BY p.order_id",
    )
    assert len([own for own, _ in found if own]) >= 10
    assert all(own == shares for own, shares in found)


async def test_the_steps_of_an_order_s_life_follow_each_other(journal: Journal, path: Path) -> None:
    await committed(journal, EventStream(seed=10, agents=5), 120)
    steps = select(
        path,
        "SELECT order_id, status_before, status_after, lots, reason FROM order_lifecycle_events"
        " ORDER BY order_id, seq",
    )
    for (order_id, _, after, *_), (next_id, before, *_) in pairwise(steps):
        assert before == (after if next_id == order_id else None)
    amended = [step for step in steps if step[1] == step[2] and step[3] is not None]
    assert any(reason.startswith("size ") for *_, reason in amended)
    assert any(reason.startswith("trigger ") for *_, reason in amended)


@pytest.mark.parametrize(
    ("before", "after_a_part"),
    [
        (OrderStatus.SUBMITTED, OrderStatus.PARTIALLY_FILLED),
        (OrderStatus.ACCEPTED, OrderStatus.PARTIALLY_FILLED),
        (OrderStatus.PENDING_CANCEL, OrderStatus.PENDING_CANCEL),
        (OrderStatus.CANCELED, OrderStatus.CANCELED),
        (OrderStatus.EXPIRED, OrderStatus.EXPIRED),
    ],
)
def test_a_fill_moves_an_order_as_the_table_says(
    path: Path, before: OrderStatus, after_a_part: OrderStatus
) -> None:
    story = TradeStory()
    order_id = story.create(10)
    story.move(order_id, OrderStatus.SUBMITTED)
    if before is not OrderStatus.SUBMITTED:
        story.move(order_id, before)
    for lots in (4, 6):
        story.fill(order_id, 50_000.0, lots=lots)
    writer = JournalWriter(path)
    for ts_ms, batch in story.batches:
        writer.append("run-1", ts_ms, batch)
    writer.close()
    moves = select(path, "SELECT status_before, status_after FROM order_lifecycle_events ORDER BY seq")
    assert moves[-2:] == [(before, after_a_part), (after_a_part, OrderStatus.FILLED)]
    assert select(path, "SELECT status, filled_lots FROM orders") == [(OrderStatus.FILLED, 10)]


async def test_what_keeps_the_arena_from_trading_is_told_by_kind(journal: Journal, path: Path) -> None:
    await committed(journal, EventStream(), 120)
    assert {kind for (kind,) in select(path, "SELECT DISTINCT kind FROM risk_events")} == {
        "account_synced",
        "alert_acknowledged",
        "breaker_reset",
        "breaker_tripped",
        "emergency_advanced",
        "entries_locked",
        "journal_outage",
        "kill_switch_set",
        "margin_exhausted",
        "order_denied",
        "report_refused",
        "shortfall_covered",
        "trading_mode_set",
    }
    assert select(
        path,
        "SELECT DISTINCT rule, value, limit_value, reason FROM risk_events WHERE kind = 'order_denied'",
    ) == [("max_leverage", 11.0, 10.0, "leverage 11 above 10")]


async def test_each_trade_knows_the_fill_that_closed_it(journal: Journal, path: Path) -> None:
    await committed(journal, EventStream(), 60)
    found = select(
        path,
        "SELECT t.closed_ms = f.ts_ms AND t.exit_price = f.price AND t.agent = f.agent"
        " AND t.symbol = f.symbol"
        " AND t.seq = f.seq + 1 FROM trades AS t JOIN fills AS f ON f.fill_id = t.closing_fill_id",
    )
    assert len(found) >= 10
    assert set(found) == {(1,)}


async def test_scores_stand_beside_the_names_of_the_start_list(journal: Journal, path: Path) -> None:
    stream = EventStream(agents=3)
    await committed(journal, stream, 6)
    found = select(path, "SELECT agent, equity_micros FROM competition_scores WHERE round = 6")
    assert found == [(name, agent.last_round_equity) for name, agent in stream.state.agents.items()]


def test_an_event_without_a_read_model_writes_nothing() -> None:
    assert list(projection.rows(Recorded(1, 5, "a", PauseSet(on=True, by="x")), None)) == []
