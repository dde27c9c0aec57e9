"""What the journal says of how agents decided: the same as the events themselves."""

from itertools import groupby
from pathlib import Path

import pytest

from cockpit.arena import mind_records
from cockpit.arena.leaderboard import leaderboard
from cockpit.arena.mind_records import read_mind_records
from cockpit.arena.windowed_leaderboard import read_standings, windowed_leaderboard
from cockpit.domain.decisions import FailureKind
from cockpit.domain.market import DAY_MS, MINUTE_MS
from cockpit.journal.views import JournalReader
from cockpit.journal.writer import JournalWriter
from cockpit.report.collector import collect_session
from cockpit.report.session import Period
from cockpit.trading.agent_state import ModelUse
from cockpit.trading.calibration import TradeForecast
from tests.journal.event_stream import EventStream
from tests.report.story import START_MS, Story, minds


def journal_of(story: Story, path: Path) -> Path:
    writer = JournalWriter(path)
    for ts_ms, batch in groupby(story.events, key=lambda each: each.ts_ms):
        writer.append("run-1", ts_ms, [each.event for each in batch])
    writer.close()
    return path


@pytest.fixture(scope="module")
def played(tmp_path_factory) -> tuple[Story, Path]:
    story = minds()
    return story, journal_of(story, tmp_path_factory.mktemp("minds") / "journal.sqlite")


async def records_of(path: Path, start_ms: int, end_ms: int):
    async with await JournalReader.open(path) as reader:
        return await read_mind_records(reader, "run-1", start_ms, end_ms)


async def test_the_whole_run_is_what_was_told(played):
    story, path = played
    records = await records_of(path, START_MS - 1, story.now_ms)
    alice, bob = records["alice"], records["bob"]
    assert alice.use == ModelUse(
        calls=4, failed=1, repairs=1, cost=7_500, input_tokens=9_000, output_tokens=600, latency_ms=14_500
    )
    assert (alice.refusals, alice.rounds, alice.confidence) == (2, 3, pytest.approx(0.7))
    assert alice.failures == {FailureKind.TIMEOUT: 1}
    assert (alice.closed.trades, alice.closed.hits) == (2, 2)
    assert alice.closed.forecasts == (TradeForecast(0.8, True), TradeForecast(0.6, False))
    assert bob.use == ModelUse(calls=2, unpriced=1, cost=3_000, input_tokens=1_000, latency_ms=1_000)
    assert (bob.closed.hits, bob.closed.forecasts) == (0, (TradeForecast(0.9, False),))


async def test_a_window_has_what_happened_after_its_beginning(played):
    _, path = played
    records = await records_of(path, START_MS + MINUTE_MS, START_MS + 3 * MINUTE_MS)
    alice = records["alice"]
    assert (alice.use.calls, alice.use.cost, alice.rounds) == (2, 5_000, 2)
    assert alice.closed.forecasts == (TradeForecast(0.8, True), TradeForecast(0.6, False))
    assert (records["bob"].use.unpriced, records["bob"].closed.trades) == (1, 0)


@pytest.mark.parametrize("span_ms", [DAY_MS, 90 * MINUTE_MS, 20 * MINUTE_MS])
async def test_journal_and_events_tell_the_same_of_any_window(tmp_path, span_ms):
    """Orders of these agents name decisions that were made just before, as the arena's do."""
    stream = EventStream(seed=3, agents=4)
    writer = JournalWriter(tmp_path / "journal.sqlite")
    events = [
        recorded for ts_ms, batch in stream.batches(150) for recorded in writer.append("run-1", ts_ms, batch)
    ]
    writer.close()
    end_ms = stream.state.ts_ms
    records = await records_of(tmp_path / "journal.sqlite", end_ms - span_ms, end_ms)
    session = collect_session(events, Period(start_ms=end_ms - span_ms + 1, end_ms=end_ms + 1))
    told = {record.name: record.noted.mind for record in session.agents if record.noted.mind is not None}
    assert list(told) == ["agent_00"]
    assert told["agent_00"].use.calls > 0 or span_ms == 20 * MINUTE_MS
    assert told["agent_00"].closed.forecasts or span_ms < DAY_MS
    for name, mind in told.items():
        assert records[name].use == mind.use
        assert (records[name].refusals, records[name].rounds) == (mind.refusals, mind.rounds)
        assert (records[name].failures, records[name].closed) == (mind.failures, mind.closed)
        assert records[name].confidence == pytest.approx(mind.confidence)


async def test_of_a_run_without_models_nothing_is_read(tmp_path):
    story = Story()
    story.rounds([100, 101])
    assert await records_of(journal_of(story, tmp_path / "journal.sqlite"), 0, story.now_ms) == {}


async def board(story: Story, path: Path, length_ms: int):
    async with await JournalReader.open(path) as reader:
        standings = await read_standings(reader, "run-1", story.now_ms - length_ms, story.now_ms)
    return {row.agent: row for row in windowed_leaderboard(story.state, standings)}


async def test_the_window_of_the_whole_run_is_the_run_with_all_its_figures(played):
    story, path = played
    records = await records_of(path, START_MS - 1, story.now_ms)
    whole = {row.agent: row for row in leaderboard(story.state, records)}
    windowed = await board(story, path, DAY_MS)
    for name, row in whole.items():
        other = windowed[name]
        assert (row.models, row.cost, row.fees) == (other.models, other.cost, other.fees)
        assert (row.best_trade, row.worst_trade) == (other.best_trade, other.worst_trade)
        assert (row.alpha, row.net_pnl, row.net_rank) == (other.alpha, other.net_pnl, other.net_rank)


async def test_alpha_of_a_window_is_against_buy_and_hold_of_that_window(played):
    story, path = played
    rows = await board(story, path, MINUTE_MS)  # the mark went from 100.00 to 100.50, nobody else held
    base = 1_000_000_000 - 900_000  # buy & hold after its fee, back at its entry price
    assert rows["buy_and_hold"].pnl == 4_500_000
    alice = rows["alice"]
    assert (alice.pnl, alice.alpha) == (0, -round(1_009_669_900 * 4_500_000 / base))
    assert (alice.models.calls, alice.models.cost, alice.models.daily_cost) == (0, 0, None)
    assert alice.net_pnl == 0
    assert alice.fees == 0


async def test_without_a_control_alpha_is_against_the_marks_of_the_window(tmp_path):
    story = minds(control=False)
    path = journal_of(story, tmp_path / "journal.sqlite")
    rows = await board(story, path, MINUTE_MS)
    assert rows["carol"].alpha == -5_000_000  # 0.5 % of $1,000
    assert (await board(story, path, DAY_MS))["carol"].alpha == -5_000_000  # from the first mark, 100.00 too
    assert (await board(story, path, 2 * MINUTE_MS))["carol"].alpha == round(1e9 * (1 - 100.5 / 110.1))


@pytest.mark.parametrize(
    "name", ["_BASE_CALL", "_CALLS", "BASE_DECISION", "_DECISIONS", "_REFUSALS", "_TRADES"]
)
async def test_what_lies_before_a_window_is_not_read_through(played, name):
    bounds = {"run": "run-1", "start_ms": 0, "end_ms": DAY_MS, "call": 5, "decision": 5}
    async with await JournalReader.open(played[1]) as reader:
        plan = await reader.query(f"EXPLAIN QUERY PLAN {getattr(mind_records, name)}", bounds)
    limits = {"_CALLS": "call_id>?", "_DECISIONS": "decision_id>?", "_REFUSALS": "decision_id>?"}
    steps = [step["detail"] for step in plan]
    assert not [step for step in steps if step.startswith("SCAN")]
    assert limits.get(name, "run_id=?") in steps[0]
    if name.lstrip("_").startswith("BASE"):
        assert not [step for step in steps if "TEMP B-TREE" in step]  # newest first, as they lie
