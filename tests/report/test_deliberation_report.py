"""What reports say of debates and of routing: what the journal's read models say, and by hand."""

import csv
import io
import json
from dataclasses import replace
from decimal import Decimal

import pytest
from rich.console import Console

from cockpit.domain.debates import Stance
from cockpit.domain.events import BotStopped, Recorded
from cockpit.domain.market import Micros
from cockpit.domain.routing import Trigger
from cockpit.journal.journal import Journal
from cockpit.journal.reading import read_events
from cockpit.journal.routing_summary import RoutingSummary, read_routing
from cockpit.journal.views import JournalReader
from cockpit.report.collector import collect_session
from cockpit.report.debates.statistics import debate_report
from cockpit.report.documents import report_document, session_document
from cockpit.report.extra_columns import extra_columns
from cockpit.report.page import report_page
from cockpit.report.reading import read_session
from cockpit.report.routing.statistics import routing_report
from cockpit.report.session import Period, Session
from cockpit.report.sheets import leaderboard_sheet, report_sheet
from cockpit.report.tables import printed, report_tables
from cockpit.report.values import encode_document
from cockpit.trading.debate_tally import DebateFigures
from cockpit.trading.forecasts import RoleScore, role_scores
from tests.journal.event_stream import EventStream
from tests.journal.forecast_view import read_forecasts
from tests.report.story import START_MS, Story, debate, deliberations, spoken

MINUTE_MS = 60_000


@pytest.fixture(scope="module")
def thoughtful() -> Session:
    return collect_session(deliberations().events)


def lines_of(session: Session) -> list[str]:
    text = printed(report_tables(session), Console(width=80))
    assert "…" not in text.replace("0 … 1", "")
    return [" ".join(line.split()) for line in text.splitlines()]


def rows_below(session: Session, title: str) -> list[str]:
    """The rows of a table, its headings left out."""
    lines = lines_of(session)
    start = lines.index(title) + 3
    ends = (number for number in range(start, len(lines)) if lines[number].startswith("arena"))
    return [line for line in lines[start : next(ends, len(lines)) + 1] if line]


# what it is: the same as the read models say


async def test_a_report_and_the_read_models_agree_on_routing_and_on_who_was_right(tmp_path):
    journal = Journal.open(tmp_path / "journal.sqlite")
    stream = EventStream(agents=4)
    try:
        for ts_ms, batch in stream.batches(130):
            await journal.commit(stream.run_id, ts_ms, batch)
        session = read_session(journal.path)
        async with await JournalReader.open(journal.path) as reader:
            routing = await read_routing(reader, stream.run_id)
            forecasts = await read_forecasts(reader, stream.run_id)
            last_hour = await read_routing(reader, stream.run_id, session.to_ms - 3_600_000, session.to_ms)
    finally:
        journal.close()
    found = {each.name: each.noted for each in session.agents}
    assert {name: each.routing for name, each in found.items() if each.routing} == routing
    scores = tuple(score for each in found.values() for score in each.roles)
    assert scores == role_scores(forecasts)
    assert {score.role for score in scores if score.scored} == {"bull", "judge", "shadow"}
    period = Period(start_ms=session.to_ms - 3_600_000 + 1, end_ms=session.to_ms + 1)
    stretch = collect_session(read_events(journal.path), period)
    assert {each.name: each.noted.routing for each in stretch.agents if each.noted.routing} == last_hour


# by hand


def test_debates_and_routing_come_to_what_one_counts_by_hand(thoughtful: Session):
    alice, bob, carol = (each.noted for each in thoughtful.agents)
    assert alice.debates == DebateFigures(
        debates=3,
        agreement=0.75,
        disagreed_share=0.5,
        verdicts=2,
        consensus_share=0.5,
        compared=2,
        shadow_differs_share=0.5,
    )
    assert (alice.routing, bob.debates, bob.roles) == (None, None, ())
    assert bob.routing == RoutingSummary(
        rounds=4,
        skipped=1,
        escalations=2,
        changed=1,
        undecided=1,
        withheld=1,
        triggers={Trigger.CONFIDENCE: 2, Trigger.NOTIONAL: 1},
        cheap_cost=Micros(4_500),
        powerful_cost=Micros(30_000),
        other_cost=Micros(500),
    )
    assert (carol.routing, carol.debates, carol.roles) == (None, None, ())


def test_roles_are_scored_by_the_price_two_rounds_later(thoughtful: Session):
    """From 100 to 102; a confidence of 0.9 in what came about leaves 0.05 each for the others."""
    scores = {score.role: score for score in thoughtful.agents[0].noted.roles}
    assert scores["bull"].brier == pytest.approx(0.1**2 + 2 * 0.05**2)
    assert scores["judge"].brier == pytest.approx(0.3**2 + 2 * 0.15**2)
    assert scores["shadow"].brier == pytest.approx(0.5**2 + 0.75**2 + 0.25**2)
    assert scores["bear"] == RoleScore(
        agent="alice", role="bear", forecasts=1, scored=0, brier=None, hit_rate=None, confidence=None
    )


def test_a_period_has_its_own_debates_and_knows_no_later_price():
    """The debate of the first minute is scored in the third: a report on the first two can't know."""
    period = Period(start_ms=START_MS, end_ms=START_MS + 3 * MINUTE_MS)
    alice, bob, _ = (each.noted for each in collect_session(deliberations().events, period).agents)
    assert (alice.debates.debates, {score.scored for score in alice.roles}) == (2, {0})
    assert (bob.routing.rounds, bob.routing.escalations, bob.routing.skipped) == (2, 1, 0)
    later = Period(start_ms=START_MS + 3 * MINUTE_MS, end_ms=START_MS + 9 * MINUTE_MS)
    alice, bob, _ = (each.noted for each in collect_session(deliberations().events, later).agents)
    assert (alice.debates.debates, alice.debates.agreement, alice.roles) == (1, None, ())
    assert (bob.routing.rounds, bob.routing.undecided, bob.routing.withheld) == (2, 1, 1)


def test_the_tables_show_it_and_undefined_is_not_available(thoughtful: Session):
    assert rows_below(thoughtful, "Debates") == [
        "alice 3 75.0% 50.0% 2 50.0% 2 50.0%",
        "arena 3 75.0% 50.0% 2 50.0% 2 50.0%",
    ]
    assert rows_below(thoughtful, "How right roles were (Brier 0.6667: nothing known)")[:4] == [
        "alice bull 2 1 0.0150 100.0% 90.0%",
        "alice bear 1 0 n/a n/a n/a",
        "alice judge 2 1 0.1350 100.0% 70.0%",
        "alice shadow 2 1 0.8750 0.0% 50.0%",
    ]
    assert rows_below(thoughtful, "Cheap models first: rounds")[0] == "bob 4 1 2 50.0% 1 1 1"
    assert rows_below(thoughtful, "Why decisions were escalated")[0] == "bob 0 0 2 1 0 0"
    assert rows_below(thoughtful, "What asking cost")[0] == "bob $0.0045 $0.0300 $0.0005 $0.0350 85.7%"


def test_where_a_price_is_unknown_the_cost_is_at_least_what_is_known():
    story = deliberations()
    story.ask("bob", None, "powerful")
    session = collect_session(story.events)
    assert rows_below(session, "What asking cost")[0] == "bob ≥ $0.0045 ≥ $0.0300 ≥ $0.0005 ≥ $0.0350 n/a"
    (bob,) = report_document(session, {})["routing"]["agents"]
    assert (bob["cost"], bob["powerful_share"], bob["unpriced_calls"]) == (None, None, 1)
    assert bob["cheap_cost_at_least"] == Decimal("0.0045")


def test_where_no_price_is_known_no_cost_is_told():
    story = Story()
    story.rounds([100])
    story.ask("alice", None, "cheap")
    session = collect_session(story.events)
    assert rows_below(session, "What asking cost")[0] == "alice n/a n/a n/a n/a n/a"
    (alice,) = report_document(session, {})["routing"]["agents"]
    assert {value for name, value in alice.items() if "cost" in name} == {None}


def test_two_that_debate_are_scored_apart_and_together():
    story = deliberations()
    story.hold("bob", debate(102.0, 0.8, Stance.LONG, spoken("bull", Stance.LONG, 0.5)))
    report = debate_report(collect_session(story.events))
    assert [(row.name, row.score.role, row.score.forecasts) for row in report.roles] == [
        ("alice", "bull", 2),
        ("alice", "bear", 1),
        ("alice", "judge", 2),
        ("alice", "shadow", 2),
        ("bob", "bull", 1),
        ("arena", "bull", 3),
        ("arena", "bear", 1),
        ("arena", "judge", 2),
        ("arena", "shadow", 2),
    ]
    assert report.arena.figures.debates == 4
    assert report.arena.figures.agreement == pytest.approx((1.0 + 0.5 + 0.8) / 3)


def test_two_that_route_are_added_up():
    story = deliberations()
    story.ask("carol", 0.5, "cheap_2")
    story.ask("carol", 0.25, "cheap")
    story.escalate("carol", False, Trigger.DRAWDOWN)
    report = routing_report(collect_session(story.events))
    assert [row.name for row in report.agents] == ["bob", "carol"]
    assert report.arena.summary == RoutingSummary(
        rounds=5,
        skipped=1,
        escalations=3,
        changed=1,
        undecided=1,
        withheld=1,
        triggers={Trigger.CONFIDENCE: 2, Trigger.NOTIONAL: 1, Trigger.DRAWDOWN: 1},
        cheap_cost=Micros(754_500),
        powerful_cost=Micros(30_000),
        other_cost=Micros(500),
    )


# for other programs


def test_the_documents_say_all_of_it(thoughtful: Session):
    for document in (session_document(thoughtful, {}), report_document(thoughtful, {})):
        told = json.loads(encode_document(document), parse_float=Decimal)
        assert told["debates"]["brier_of_nothing_known"] == Decimal("0.666666666667")
        (alice,) = told["debates"]["agents"]
        assert (alice["debates"], alice["agreement"], alice["shadow_differs_share"]) == (
            3,
            Decimal("0.75"),
            Decimal("0.5"),
        )
        assert [each["role"] for each in alice["roles"]] == ["bull", "bear", "judge", "shadow"]
        assert alice["roles"][1]["brier_score"] is None
        (bob,) = told["routing"]["agents"]
        assert (bob["cost"], bob["cheap_cost_at_least"]) == (Decimal("0.035"), Decimal("0.0045"))
        assert bob["triggers"] == {
            "unusable": 0,
            "disagreement": 0,
            "confidence": 2,
            "notional": 1,
            "drawdown": 0,
            "exit": 0,
        }


def test_both_sheets_have_columns_of_it_and_who_does_not_debate_has_none(thoughtful: Session):
    board = leaderboard_sheet(thoughtful.standings, thoughtful.agents, extra_columns(thoughtful))
    for sheet in (report_sheet(thoughtful), board):
        told = {line["agent"]: line for line in csv.DictReader(io.StringIO(sheet))}
        alice, bob, carol = (told[name] for name in ("alice", "bob", "carol"))
        assert (alice["debates"], alice["debate_agreement"], alice["debate_bull_brier_score"]) == (
            "3",
            "0.75",
            "0.015",
        )
        assert (bob["debates"], bob["debate_bull_brier_score"]) == ("n/a", "n/a")
        assert (bob["routing_powerful_cost_at_least_usd"], bob["escalated_by_confidence"]) == (
            "0.030000",
            "2",
        )
        assert {carol[name] for name in carol if name.startswith(("debate", "routing", "escalated"))} == {
            "n/a"
        }
        assert "debate_technical_scored" not in alice


def test_a_run_without_debates_and_routing_says_nothing_of_them(session: Session):
    document = session_document(session, {})
    assert not {"debates", "routing"} & set(document)
    assert "Debates" not in lines_of(session)
    assert extra_columns(session).names == ()
    assert "<h2>Debates</h2>" not in report_page(session, "", {})


def test_the_page_has_the_same_tables(thoughtful: Session):
    page = report_page(thoughtful, "", {})
    for title in ("Debates", "How right roles were", "Cheap models first: rounds", "What asking cost"):
        assert f"<h2>{title}" in page
    assert "<td>75.0%</td>" in page
    assert "<td>≥" not in page


def test_nothing_but_wall_depends_on_the_process_that_told_it():
    """As it was told live, and with a process that ended and another that went on in between."""
    events = deliberations().events
    stopped = Recorded(0, events[9].ts_ms, "run-1", BotStopped(wall_ms=1_800_000_000_000, reason="SIGTERM"))
    told_anew = [
        each._replace(seq=number) for number, each in enumerate([*events[:10], stopped, *events[10:]], 1)
    ]
    documents = [session_document(collect_session(each), {}) for each in (events, told_anew)]
    for document in documents:
        del document["wall"]
    assert encode_document(documents[0]) == encode_document(documents[1])


def test_hostile_names_and_words_are_inert_beside_debates_too():
    name = "=<b>x</b>\x1b[31m"
    story = Story(names=(name, "bob"))
    story.rounds([100])
    hostile = replace(spoken("bull", Stance.LONG), argument="<script>alert(1)</script>\x1b[2J")
    story.ask(name, 0.1, "cheap")
    story.hold(name, debate(100.0, 0.9, Stance.LONG, hostile))
    session = collect_session(story.events)
    page, text = report_page(session, "", {}), "\n".join(lines_of(session))
    document = encode_document(session_document(session, {})).decode()
    assert "<b>x" not in page
    assert "alert(1)" not in page + document + report_sheet(session) + text
    assert "\x1b" not in page + document + report_sheet(session) + text
    sheet = list(csv.reader(io.StringIO(report_sheet(session))))
    assert all(not cell.startswith("=") for line in sheet for cell in line)
