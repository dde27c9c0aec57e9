"""What the command line prints."""

import pytest
from rich.console import Console

from cockpit.domain.events import BreakerTripped
from cockpit.report.collector import collect_session
from cockpit.report.columns import histogram
from cockpit.report.reading import read_session
from cockpit.report.session import Session
from cockpit.report.tables import leaderboard_table, printed, report_tables
from tests.report.story import Story


def shown(renderable, width: int = 80, *, color: bool = False) -> str:
    console = Console(
        width=width, force_terminal=color, color_system="standard" if color else None, legacy_windows=False
    )
    return printed(renderable, console)


def line_of(text: str, word: str) -> str:
    return words(next(line for line in text.splitlines() if word in line))


def words(line: str) -> str:
    return " ".join(line.split())


def test_the_leaderboard_says_who_leads(session: Session) -> None:
    text = shown(leaderboard_table(session.standings, "round 5"))
    assert text.startswith("round 5")
    assert line_of(text, "bob") == "🥇 bob +1.96% $1,019.61 +$19.61 1 100% 1 1.02% n/a"
    assert line_of(text, "alice") == "2 alice −2.60% $974.02 −$25.98 1 0% 0 9.53% n/a"


def test_the_benched_are_marked(story: Story) -> None:
    assert "benched" not in shown(leaderboard_table(collect_session(story.events).standings))
    story.tell(
        BreakerTripped(scope="alice", breaker="drawdown", value=0.3, limit=0.2, reason="r", stopped="s")
    )
    text = shown(leaderboard_table(collect_session(story.events).standings))
    assert "×alice" in text
    assert "benched by a breaker" in text


@pytest.mark.parametrize("width", [80, 120])
def test_a_real_runs_tables_fit_and_are_cut_nowhere(finished, width: int) -> None:
    session = read_session(finished.journal)
    for renderable in (leaderboard_table(session.standings, "round 60"), report_tables(session)):
        text = shown(renderable, width)
        assert "…" not in text.replace("0 … 1", "")
        assert max(len(line.rstrip()) for line in text.splitlines()) <= width


def test_where_it_gets_narrow_names_are_cut_and_figures_are_not(finished) -> None:
    text = shown(leaderboard_table(read_session(finished.journal).standings), 68)
    names = [line for line in text.splitlines() if "bolling" in line]
    assert len(names) == 1
    assert names[0].count("…") == 1


def test_the_report_says_everything_and_undefined_is_not_available(session: Session) -> None:
    text = shown(report_tables(session))
    assert "PAPER" in text
    assert "2025-01-01T00:00:00Z to 2025-01-01T00:05:00Z (5m), 5 rounds" in text
    assert "not finished" in text
    rows = [words(line) for line in text.splitlines() if line.strip().startswith(("bob", "1 bob"))]
    assert rows == [
        "1 bob +1.96% +$19.61 $1,019.61 +$20.00",
        "bob $0.34 −$0.02 $0.05 $0.37 $0.00",
        "bob 0.100% −0.006% 0.015% 0.109% $340",
        "bob 1 100.0% n/a +$19.61 +$19.61 +$19.61",
        "bob 1 0 0 5.56% 11.11% 0",
        "bob 1.02% 2m n/a n/a n/a",
        "bob 3.8% 20.0% 2 2 0 0 0",
        "bob 1 1 n/a 0.25 █",
        "bob 0 0 0 0 0",
    ]


def test_gains_are_green_losses_red_and_no_colour_without_a_terminal(session: Session) -> None:
    table = leaderboard_table(session.standings)
    coloured = shown(table, color=True)
    assert "\x1b[32m" in next(line for line in coloured.splitlines() if "bob" in line)
    assert "\x1b[31m" in next(line for line in coloured.splitlines() if "alice" in line)
    assert "\x1b" not in shown(table)


def test_hostile_names_and_reasons_are_text() -> None:
    name = "[red]x[/red]\x1b]0;owned\x07[link=http://x]"
    story = Story(names=(name,))
    story.rounds([100])
    session = collect_session(story.events)
    for renderable in (leaderboard_table(session.standings, name), report_tables(session)):
        text = shown(renderable, 200)
        assert "[red]x[/red][link=http://x]" in text
        assert "\x1b" not in text
        assert "\x07" not in text


@pytest.mark.parametrize(
    ("counts", "bars"),
    [((0, 0), "n/a"), ((), "n/a"), ((1, 0, 8), "▁ █"), ((1, 1_000), "▁█"), ((4, 8), "▄█")],
)
def test_a_histogram_never_hides_a_single_decision(counts: tuple[int, ...], bars: str) -> None:
    assert histogram(counts) == bars
