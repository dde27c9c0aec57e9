"""CSV: what a spreadsheet gets to see."""

import csv
import io
from dataclasses import replace
from decimal import Decimal

import pytest

from cockpit.report.collector import collect_session
from cockpit.report.session import Session
from cockpit.report.sheets import (
    LEADERBOARD_COLUMNS,
    REPORT_COLUMNS,
    leaderboard_sheet,
    report_sheet,
)
from cockpit.report.statistics import Statistics
from tests.report.story import Story


def rows(sheet: str) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(sheet)))


def test_the_leaderboard_has_a_line_per_agent_best_first(session: Session) -> None:
    bob, alice = rows(leaderboard_sheet(session.standings, session.agents))
    assert tuple(bob) == LEADERBOARD_COLUMNS
    assert (bob["rank"], bob["agent"], bob["pnl"], bob["win_rate"]) == ("1", "bob", "19.610000", "1.0")
    assert (alice["fees"], alice["slippage"], alice["funding"]) == ("0.975000", "0.250000", "0.000000")
    assert (bob["fees"], bob["slippage"], bob["funding"]) == ("0.340000", "-0.020000", "0.050000")
    assert (alice["rank"], alice["agent"], alice["pnl"]) == ("2", "alice", "-25.975000")
    assert float(alice["return_fraction"]) == pytest.approx(-0.025975)


def test_undefined_is_not_available_and_never_zero(session: Session) -> None:
    bob, alice = rows(leaderboard_sheet(session.standings, session.agents))
    assert (alice["sharpe"], bob["sharpe"], bob["cost"]) == ("n/a", "n/a", "n/a")
    figures = rows(report_sheet(session))
    assert [figures[0][name] for name in ("profit_factor", "calmar", "cagr", "sortino")] == ["n/a"] * 4
    assert figures[1]["profit_factor"] == "0.0"


def test_the_report_has_every_figure_and_the_arena_last(session: Session) -> None:
    bob, alice, arena = rows(report_sheet(session))
    assert tuple(bob) == REPORT_COLUMNS
    expected = set(Statistics.__slots__) - {"name", "confidence"} | {"agent", "confidence_mean"}
    assert expected == {name for name in REPORT_COLUMNS if not name.startswith("confidence_from")}
    assert (arena["rank"], arena["agent"]) == ("n/a", "arena")
    assert Decimal(arena["pnl"]) == Decimal(bob["pnl"]) + Decimal(alice["pnl"])
    assert (alice["confidence_from_0.8"], bob["confidence_from_0.2"], bob["confidence_from_0.8"]) == (
        "1",
        "1",
        "0",
    )


@pytest.mark.parametrize(
    "name",
    ["=cmd|' /C calc'!A0", "+1+1", "-1+1", "@SUM(A1)", "\t=1+1", "\n=1+1", " =1+1", "%0A", "|x"],
)
def test_a_name_is_never_a_formula(session: Session, name: str) -> None:
    hostile = replace(session.standings[0], agent=name)
    paid = replace(session.agents[0], name=name)
    (row,) = rows(leaderboard_sheet([hostile], [paid]))
    assert row["agent"].startswith("'")


def test_a_name_with_quotes_commas_and_lines_stays_one_cell(session: Session) -> None:
    name = 'a,"b"\r\nc;d'
    hostile = replace(session.standings[0], agent=name)
    (row,) = rows(leaderboard_sheet([hostile], [replace(session.agents[0], name=name)]))
    assert row["agent"] == 'a,"b"  c;d'
    assert row["equity"] == "1019.610000"


def test_a_hostile_name_is_inert_in_the_report_too() -> None:
    story = Story(names=("=1+1", "bob"))
    story.rounds([100])
    assert {row["agent"] for row in rows(report_sheet(collect_session(story.events)))} == {
        "'=1+1",
        "bob",
        "arena",
    }
