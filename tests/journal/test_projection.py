"""The read models: what is committed with the events is what a rebuild makes of them."""

import sqlite3
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from cockpit.domain.events import Recorded
from cockpit.journal import projection
from cockpit.journal.journal import Journal
from cockpit.journal.schema import connect_writer
from cockpit.trading.state import ArenaState
from tests.journal.event_stream import EventStream


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


@settings(max_examples=8, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
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
        (name, position.symbol, position.signed_lots, position.cost, position.opened_ms, position.decision_id)
        for name, agent in state.agents.items()
        for position in agent.account.positions.values()
    ]
    assert len(held) >= 5
    found = select(
        path, "SELECT agent, symbol, signed_lots, cost_micros, opened_ms, decision_id FROM positions"
    )
    assert sorted(found) == sorted(held)
    balances = select(
        path,
        "SELECT agent, cash_micros, capital_micros, realized_micros, fees_micros, funding_micros"
        " FROM balances",
    )
    assert balances == [
        (name, agent.account.cash, agent.capital, agent.realized, agent.fees, agent.funding)
        for name, agent in state.agents.items()
    ]


async def test_orders_stand_where_the_fold_has_them(journal: Journal, path: Path) -> None:
    stream = EventStream(seed=4)
    for ts_ms, batch in stream.batches(80):
        await journal.commit(stream.run_id, ts_ms, batch)
    working = {
        order.order_id: (order.status, abs(order.filled_lots))
        for agent in stream.state.agents.values()
        for order in agent.working.values()
    }
    found = select(
        path,
        "SELECT order_id, status, filled_lots FROM orders"
        " WHERE status NOT IN ('filled', 'denied', 'held', 'canceled', 'rejected', 'expired')",
    )
    assert {order_id: (status, lots) for order_id, status, lots in found} == working
    lives = select(
        path,
        "SELECT o.order_id FROM orders AS o WHERE o.status !="
        " (SELECT status_after FROM order_lifecycle_events AS e"
        " WHERE e.order_id = o.order_id ORDER BY e.seq DESC LIMIT 1)",
    )
    assert lives == []


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
    from cockpit.domain.events import PauseSet

    assert list(projection.rows(Recorded(1, 5, "a", PauseSet(on=True, by="x")), None)) == []
