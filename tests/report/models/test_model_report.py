"""What reports say of models: only where there are some, and nothing unknown as nothing."""

import csv
import io
import json
from dataclasses import replace
from decimal import Decimal

import pytest
from rich.console import Console

from cockpit.domain.events import OrderCreated
from cockpit.domain.orders import OrderPurpose
from cockpit.report.charts import figures
from cockpit.report.collector import collect_session
from cockpit.report.columns import Preset, PresetUnknown, preset_named
from cockpit.report.documents import report_document, session_document
from cockpit.report.extra_columns import extra_columns
from cockpit.report.models.rows import MODEL_COLUMNS
from cockpit.report.models.statistics import model_report
from cockpit.report.page import report_page
from cockpit.report.session import Period, Session
from cockpit.report.sheets import LEADERBOARD_COLUMNS, REPORT_COLUMNS, leaderboard_sheet, report_sheet
from cockpit.report.tables import leaderboard_table, printed, report_tables
from cockpit.report.values import encode_document
from tests.report.story import START_MS, Story, minds

MINUTE_MS = 60_000


@pytest.fixture(scope="module")
def thinking() -> Session:
    return collect_session(minds().events)


def shown(renderable, width: int = 80) -> list[str]:
    return [" ".join(line.split()) for line in printed(renderable, Console(width=width)).splitlines() if line]


def section(lines: list[str], title: str) -> list[str]:
    """The rows of a table, its headings left out."""
    start = next(number for number, line in enumerate(lines) if line.startswith(title)) + 3
    ends = (number for number in range(start, len(lines)) if lines[number].startswith(("arena", "n/a")))
    return [line for line in lines[start : next(ends, len(lines)) + 1] if line]


# figures


def test_models_are_set_off_against_what_was_earned_and_against_buy_and_hold(thinking: Session) -> None:
    report = model_report(thinking)
    told = {
        row.name: (row.pnl, row.standing.alpha, row.standing.net_pnl, row.standing.net_rank)
        for row in (*report.agents, report.arena)
    }
    assert told == {
        "alice": (9_669_900, 6_069_900, 9_662_400, 1),
        "buy_and_hold": (3_600_000, 0, 3_600_000, 2),
        "carol": (0, -3_600_000, 0, 3),
        "bob": (-10_210_000, -13_810_000, None, None),
        "arena": (3_059_900, 3_059_900 - 4 * 3_600_000, None, None),
    }


def test_each_agent_that_asks_has_its_figures_and_all_have_theirs_together(thinking: Session) -> None:
    report = model_report(thinking)
    assert [row.name for row in report.asking] == ["alice", "bob"]
    alice, bob, arena = (row.figures for row in (*report.asking, report.together))
    assert (alice.cost, alice.daily_cost, alice.mean_latency_ms) == (7_500, 3_600_000, 3_625)
    assert alice.cost_per_alpha == pytest.approx(0.0075 / 6.0699)
    assert (alice.hit_rate, alice.brier) == (1.0, pytest.approx(0.2))
    assert (bob.cost, bob.priced_cost, bob.daily_cost, bob.cost_per_alpha) == (None, 3_000, None, None)
    assert (bob.hit_rate, bob.brier) == (0.0, pytest.approx(0.81))
    assert (arena.calls, arena.failed_calls, arena.repairs, arena.unpriced_calls) == (6, 1, 1, 1)
    assert (arena.hit_rate, arena.brier) == (pytest.approx(2 / 3), pytest.approx((0.4 + 0.81) / 3))
    assert arena.confidence == pytest.approx((0.8 + 0.6 + 0.9 + 0.4) / 4)


def test_a_period_has_its_own_calls_rounds_and_words_on_trades(thinking: Session) -> None:
    period = Period(start_ms=START_MS + 2 * MINUTE_MS, end_ms=START_MS + 4 * MINUTE_MS)
    mind = collect_session(minds().events, period).agents[0].noted.mind
    assert (mind.use.calls, mind.use.cost, mind.refusals, mind.rounds) == (2, 5_000, 0, 2)
    assert [tuple(each) for each in mind.closed.forecasts] == [(0.8, True), (0.6, False)]  # one said before


def test_a_trade_is_measured_by_the_word_it_was_opened_on() -> None:
    """Not by a later one, though a guard created after that is of the older decision."""
    story = minds()
    opened = story.decide("alice", 0.3)
    story.trade("alice", 100, 100.0, decision_id=opened)
    story.decide("alice", 0.95)
    guard = replace(story.order("alice", -100), order_id=story.state.next_order_id, decision_id=opened)
    story.tell(OrderCreated(order=replace(guard, client_order_id="guard", purpose=OrderPurpose.STOP)))
    story.trade("alice", -100, 90.0)
    mind = collect_session(story.events).agents[0].noted.mind
    assert tuple(mind.closed.forecasts[-1]) == (0.3, False)


def test_buy_and_hold_over_a_period_is_that_of_the_period() -> None:
    story = minds(control=False)
    period = Period(start_ms=story.now_ms, end_ms=story.now_ms + 1)
    carol = next(
        row for row in model_report(collect_session(story.events, period)).agents if row.name == "carol"
    )
    assert carol.standing.alpha == -5_000_000  # the marks went from 100.00 to 100.50


# for people


def test_the_tables_say_what_models_cost_and_did(thinking: Session) -> None:
    lines = shown(report_tables(thinking))
    assert section(lines, "Net of models") == [
        "1 alice +$9.66 +$9.67 $0.0075 +$6.07 0.0012",
        "2 buy_and_hold +$3.60 +$3.60 – $0.00 –",
        "3 carol $0.00 $0.00 – −$3.60 –",
        "bob n/a −$10.21 ≥ $0.0030 −$13.81 n/a",
        "arena n/a +$3.06 ≥ $0.0105 −$11.34 n/a",
    ]
    assert section(lines, "Models") == [
        "alice 4 1 1 9,000 600 3.6s $0.0075 $3.60",
        "bob 2 0 0 1,000 0 0.5s ≥ $0.0030 n/a",
        "arena 6 1 1 10,000 600 2.6s ≥ $0.0105 n/a",
    ]
    assert section(lines, "What models said") == [
        "alice 2 1 timeout 0.70 100.0% 0.2000",
        "bob 0 – 0.65 0.0% 0.8100",
        "arena 2 1 timeout 0.68 66.7% 0.4033",
    ]
    assert lines[-3:] == [
        "alice 0.6 … 0.7 0.60 0.0% 1",
        "alice 0.8 … 0.9 0.80 100.0% 1",
        "bob 0.9 … 1.0 0.90 0.0% 1",
    ]


def test_the_leaderboard_of_a_run_has_the_cost_in_dollars(thinking: Session) -> None:
    lines = shown(leaderboard_table(thinking.standings))
    assert "cost US$" in lines[0]
    assert lines[2] == "🥇 alice +0.97% $1,009.67 +$9.67 2 50% 1 $0.0075 0.02% n/a"
    assert lines[5] == "4 bob −1.02% $989.79 −$10.21 1 0% 0 ≥ $0.0030 1.02% n/a"


def test_the_columns_of_nof1_are_its_columns_in_a_report_and_in_a_run(thinking: Session) -> None:
    for lines in (
        shown(report_tables(thinking, Preset.NOF1), 100)[3:],
        shown(leaderboard_table(thinking.standings, preset=Preset.NOF1), 100),
    ):
        assert lines[0] == "ACCT RETURN TOTAL WIN BIGGEST BIGGEST"
        assert lines[1] == "RANK MODEL VALUE % P&L FEES RATE WIN LOSS SHARPE TRADES"
        assert lines[3:] == [
            "1 alice $1,009.67 +0.97% +$9.67 $0.43 50% $9.79 −$0.12 n/a 2",
            "2 buy_and_hold $1,003.60 +0.36% +$3.60 $0.90 n/a n/a n/a n/a 0",
            "3 carol $1,000.00 0.00% $0.00 $0.00 n/a n/a n/a n/a 0",
            "4 bob $989.79 −1.02% −$10.21 $0.21 0% n/a −$10.21 n/a 1",
        ]


def test_columns_nobody_knows_are_refused_with_those_there_are() -> None:
    assert preset_named("nof1") is Preset.NOF1
    with pytest.raises(PresetUnknown, match="'nof2': choose full or nof1"):
        preset_named("nof2")


def test_the_page_has_the_same_tables_and_a_chart_of_calibration(thinking: Session) -> None:
    page = report_page(thinking, "", {})
    for text in ("models, US$", "≥ $0.0105", "1 timeout", '<div id="calibration"></div>', "US$ a day"):
        assert text in page
    chart = figures(thinking)["calibration"]
    diagonal, alice, bob = chart["data"]
    assert (diagonal["x"], alice["name"], alice["x"], alice["y"]) == ([0, 100], "alice", [60, 80], [0, 100])
    assert (bob["x"], bob["y"], chart["layout"]["xaxis"]["type"]) == ([90], [0], "linear")


# for other programs


def test_the_documents_tell_all_of_it_exactly(thinking: Session) -> None:
    for document in (session_document(thinking, {}), report_document(thinking, {})):
        models = json.loads(encode_document(document), parse_float=Decimal)["models"]
        assert models["cost_currency"] == "USD"
        alice, control, _, bob = models["agents"]
        assert (alice["net_pnl"], alice["models"]["cost"]) == (Decimal("9.662400"), Decimal("0.007500"))
        assert alice["models"]["failures"] == {"timeout": 1}
        assert alice["models"]["calibration"][8] == {
            "from": Decimal("0.8"),
            "to": Decimal("0.9"),
            "trades": 1,
            "stated": Decimal("0.8"),
            "won": Decimal("1.0"),
        }
        assert (control["models"], control["alpha"]) == (None, 0)
        told = {name: bob["models"][name] for name in ("cost", "cost_at_least", "projected_daily_cost")}
        assert told == {"cost": None, "cost_at_least": Decimal("0.003"), "projected_daily_cost": None}
        assert models["arena"]["net_rank"] is None


def test_the_sheets_have_the_columns_behind_their_own(thinking: Session) -> None:
    board = leaderboard_sheet(thinking.standings, thinking.agents, extra_columns(thinking))
    for sheet, columns in ((board, LEADERBOARD_COLUMNS), (report_sheet(thinking), REPORT_COLUMNS)):
        lines = list(csv.DictReader(io.StringIO(sheet)))
        assert tuple(lines[0]) == (*columns, *MODEL_COLUMNS)
        told = {line["agent"]: line for line in lines}
        assert (told["alice"]["cost"], told["alice"]["model_daily_cost_usd"]) == ("0.007500", "3.600000")
        assert (told["bob"]["cost"], told["bob"]["model_cost_at_least_usd"]) == ("n/a", "0.003000")
        assert {told["carol"][name] for name in MODEL_COLUMNS[3:]} == {"n/a"}
        assert (told["carol"]["net_rank"], told["carol"]["net_pnl"]) == ("3", "0.000000")


def test_where_no_call_has_a_price_no_amount_is_told() -> None:
    story = Story()
    story.rounds([100])
    story.ask("alice", None)
    story.decide("alice", 0.5)
    story.rounds([101])
    session = collect_session(story.events)
    (alice, _) = report_document(session, {})["models"]["agents"]
    assert (alice["models"]["cost"], alice["models"]["cost_at_least"], alice["net_pnl"]) == (None, None, None)
    assert section(shown(report_tables(session)), "Models")[0] == "alice 1 0 0 0 0 0.0s n/a n/a"


def test_a_run_that_asks_no_models_says_nothing_of_them(session: Session) -> None:
    assert model_report(session) is None
    assert "models" not in session_document(session, {}) | report_document(session, {})
    assert "US$" not in "".join(shown(report_tables(session)) + shown(leaderboard_table(session.standings)))
    assert report_sheet(session).splitlines()[0] == ",".join(REPORT_COLUMNS)
    assert "calibration" not in figures(session)
    assert "US$" not in report_page(session, "", {})


def test_hostile_names_are_inert_beside_models_too() -> None:
    name = "=<b>x</b>\x1b[31m"
    story = Story(names=(name, "bob"))
    story.rounds([100])
    story.ask(name, 0.5)
    story.trade(name, 100, 100.0, decision_id=story.decide(name, 0.5))
    story.trade(name, -100, 101.0)
    session = collect_session(story.events)
    page = report_page(session, "", {})
    assert "<b>x" not in page
    assert "\x1b" not in page + "".join(shown(report_tables(session))) + report_sheet(session)
