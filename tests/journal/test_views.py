"""What people read: plain units, newest first, whole trails."""

import shutil
import sqlite3
from collections.abc import AsyncIterator, Iterator
from contextlib import closing
from pathlib import Path

import pytest

from cockpit.domain.events import DecisionFailed, OrderFilled, OrderMoved, PauseSet, RoundClosed, TradeClosed
from cockpit.domain.market import Micros
from cockpit.domain.orders import OrderStatus
from cockpit.journal.errors import JournalCorrupt, JournalTooNew, JournalUnavailable, UnknownIdent
from cockpit.journal.journal import Journal
from cockpit.journal.views import JournalReader, Row
from cockpit.journal.writer import JournalWriter
from tests.journal.event_stream import EventStream


@pytest.fixture(scope="module")
def stream() -> EventStream:
    """What the filled journal's newest run came from."""
    return EventStream(agents=4)


@pytest.fixture(scope="module")
def filled(tmp_path_factory: pytest.TempPathFactory, stream: EventStream) -> Path:
    """A journal of two runs, made once; each test gets a copy."""
    path = tmp_path_factory.mktemp("filled") / "journal.sqlite"
    writer = JournalWriter(path)
    for ts_ms, batch in EventStream(seed=1, agents=2, run_id="run-0").batches(3):
        writer.append("run-0", ts_ms, batch)
    for ts_ms, batch in stream.batches(150):
        writer.append("run-1", ts_ms, batch)
    writer.close()
    return path


@pytest.fixture
def journal(filled: Path, path: Path) -> Iterator[Journal]:
    path.parent.mkdir()
    shutil.copy(filled, path)
    journal = Journal.open(path)
    yield journal
    journal.close()


@pytest.fixture
async def reader(journal: Journal) -> AsyncIterator[JournalReader]:
    async with await JournalReader.open(journal.path) as reader:
        yield reader


async def told(reader: JournalReader, view: str, order: str, limit: int = 1_000) -> list[Row]:
    """What a readable view says of the newest run."""
    values = {"run_id": await reader.run_id(), "limit": limit}
    return await reader.query(
        f"SELECT * FROM {view}_readable WHERE run_id = :run_id ORDER BY {order} LIMIT :limit", values
    )


async def equities(reader: JournalReader, agent: str) -> list[tuple[int, float]]:
    """An agent's equity after every round: UTC milliseconds, units of quote."""
    rows = await told(reader, "competition_scores", "round")
    return [(row["ts_ms"], row["equity"]) for row in rows if row["agent"] == agent]


def happened(journal: Journal, kind: type) -> list:
    return [each for each in journal.events(run_id="run-1") if isinstance(each.event, kind)]


async def test_fills_are_told_in_plain_units_newest_first(reader: JournalReader, journal: Journal) -> None:
    last = happened(journal, OrderFilled)[-1]
    latest, *_ = fills = await told(reader, "fills", "fill_id DESC", limit=5)
    assert [row["fill_id"] for row in fills] == [last.event.fill.fill_id - n for n in range(5)]
    lot_size = next(
        each.lot_size for each in journal.last_run()[1].instruments if each.symbol == last.event.fill.symbol
    )
    assert latest["signed_quantity"] == pytest.approx(last.event.fill.signed_lots * lot_size, abs=1e-12)
    assert latest["fee"] == last.event.fill.fee_micros / 1_000_000
    assert latest["price"] == last.event.fill.price
    assert latest["time"].endswith("Z")
    assert latest["ts_ms"] == last.event.fill.ts_ms


async def test_times_are_iso_8601_to_the_millisecond(reader: JournalReader, journal: Journal) -> None:
    await journal.commit("run-1", 1_760_000_040_007, [PauseSet(on=True, by="x")])
    found = await reader.query("SELECT time FROM events_readable ORDER BY seq DESC LIMIT 1", {})
    assert found == [{"time": "2025-10-09T08:54:00.007Z"}]


async def test_quantities_are_the_floats_nearest_to_their_decimal_spelling(
    reader: JournalReader,
) -> None:
    for order in await reader.orders(limit=1000):
        assert len(repr(order["quantity"]).split(".")[1]) <= 3


async def test_rows_of_one_agent_only(reader: JournalReader) -> None:
    for read in (reader.orders, reader.decisions):
        found = await read(limit=10, agent="agent_02")
        assert found
        assert {row["agent"] for row in found} == {"agent_02"}


async def test_decisions_come_with_their_targets_and_the_failures_among_them(
    reader: JournalReader, journal: Journal
) -> None:
    found = await reader.decisions(limit=1000)
    assert [row["seq"] for row in found] == sorted((row["seq"] for row in found), reverse=True)
    failed = [row for row in found if row["decision_id"] is None]
    assert len(failed) == len(happened(journal, DecisionFailed))
    assert failed[0]["message"] == "division by zero"
    assert failed[0]["targets"] == []
    wanted = [row for row in found if row["targets"]]
    assert set(wanted[0]["targets"][0]) == {
        *("symbol", "exposure", "quantity", "stop", "take_profit", "confidence", "reason")
    }
    assert len(await reader.decisions(limit=3)) == 3


async def test_the_newest_run_is_read_unless_another_is_named(reader: JournalReader) -> None:
    assert [row["run_id"] for row in await reader.runs()] == ["run-1", "run-0"]
    assert (await reader.run())["run_id"] == "run-1"
    older = await reader.run("run-0")
    assert [row["agent"] for row in older["contestants"]] == ["agent_00", "agent_01"]
    assert older["rounds_closed"] == 3
    assert older["capital_in"] == 20_000.0
    assert len(older["instruments"]) == 6
    with pytest.raises(UnknownIdent, match="no run run-9"):
        await reader.orders(run_id="run-9")


async def test_the_equity_series_is_oldest_first_in_units_of_quote(
    reader: JournalReader, stream: EventStream
) -> None:
    series = await equities(reader, "agent_01")
    assert len(series) == 150
    assert [ts_ms for ts_ms, _ in series] == sorted(ts_ms for ts_ms, _ in series)
    last = stream.state.agents["agent_01"].last_round_equity
    assert last is not None
    assert series[-1][1] == last / 1_000_000


async def test_positions_and_balances_are_those_of_the_fold(
    reader: JournalReader, stream: EventStream
) -> None:
    positions = {
        (row["agent"], row["symbol"]): row["cost"] for row in await told(reader, "positions", "agent, symbol")
    }
    assert positions == {
        (name, position.symbol): position.cost / 1_000_000
        for name, agent in stream.state.agents.items()
        for position in agent.account.positions.values()
    }
    balances = {row["agent"]: row["cash"] for row in await told(reader, "balances", "agent")}
    assert balances == {name: agent.account.cash / 1e6 for name, agent in stream.state.agents.items()}


async def test_risk_events_are_told(reader: JournalReader, journal: Journal) -> None:
    found = await told(reader, "risk_events", "seq DESC")
    denied = [row for row in found if row["kind"] == "order_denied"]
    moved = [each for each in happened(journal, OrderMoved) if each.event.after is OrderStatus.DENIED]
    assert len(denied) == len(moved) >= 1
    said = denied[0]
    assert (said["rule"], said["value"], said["limit_value"]) == ("max_leverage", 11.0, 10.0)


async def test_what_became_of_decisions_is_told_newest_first(reader: JournalReader) -> None:
    found = await told(reader, "ai_outcome_links", "order_id DESC")
    ids = [row["order_id"] for row in found]
    assert ids == sorted(ids, reverse=True)
    assert {row["outcome"] for row in found} == {"pending", "win", "loss", "none"}
    won = next(row for row in found if row["outcome"] == "win")
    trade = next(row for row in await told(reader, "trades", "seq") if row["seq"] == won["trade_seq"])
    assert won["pnl"] == trade["pnl"] > 0


async def test_a_trade_s_excursions_are_fractions_of_its_entry_price(
    reader: JournalReader, journal: Journal
) -> None:
    told_trades = {row["seq"]: row for row in await told(reader, "trades", "seq")}
    for each in happened(journal, TradeClosed):
        row, trade = told_trades[each.seq], each.event.trade
        assert row["adverse_excursion"] == pytest.approx(trade.adverse_excursion, abs=1e-12)
        assert row["favorable_excursion"] == pytest.approx(trade.favorable_excursion, abs=1e-12)


async def test_the_reader_writes_nothing(reader: JournalReader) -> None:
    with pytest.raises(JournalUnavailable, match="readonly"):
        await reader.query("DELETE FROM fills", {})


async def test_the_reader_sees_what_is_committed_after_it_opened(
    reader: JournalReader, journal: Journal
) -> None:
    closing = tuple(Micros(number * 1_000_000) for number in (1, 2, 3, 4))
    assert len(await equities(reader, "agent_01")) == 150
    await journal.commit("run-1", 1_760_100_000_000, [RoundClosed(round=151, equities=closing)])
    assert (await equities(reader, "agent_01"))[-1] == (1_760_100_000_000, 2.0)


async def test_a_journal_without_runs_says_so(path: Path) -> None:
    journal = Journal.open(path)
    journal.close()
    async with await JournalReader.open(journal.path) as reader:
        with pytest.raises(UnknownIdent, match="no run yet"):
            await reader.orders()


async def test_no_journal_is_told(tmp_path: Path) -> None:
    with pytest.raises(JournalUnavailable, match="no bot has run there"):
        await JournalReader.open(tmp_path / "journal.sqlite")


@pytest.mark.parametrize(
    ("version", "error", "words"),
    [(99, JournalTooNew, "install a newer"), (1, JournalUnavailable, "bring it up to date")],
)
async def test_another_schema_is_told(
    journal: Journal, version: int, error: type[Exception], words: str
) -> None:
    with closing(sqlite3.connect(journal.path)) as connection:
        connection.execute(f"PRAGMA user_version = {version}")
    with pytest.raises(error, match=words):
        await JournalReader.open(journal.path)


async def test_no_database_is_told() -> None:
    path = Path(__file__)
    with pytest.raises(JournalCorrupt):
        await JournalReader.open(path)


async def test_a_closed_journal_is_read_as_well(filled: Path) -> None:
    async with await JournalReader.open(filled) as reader:
        assert len(await equities(reader, "agent_00")) == 150
