"""A debate while it unfolds, drawn on terminals of several sizes; what models say can't do anything to it."""

from io import StringIO

import pytest
from rich.cells import cell_len
from rich.console import Console

from cockpit.domain.debates import AnalystRole, DebateMessage, Stance, SymbolStance
from cockpit.report.debates.board import MOST_WORDS, DebateBoard
from tests.servers.model_server import HOSTILE_TEXTS

BTC, ETH = "BTC/USDC:USDC", "ETH/USDC:USDC"


def board():
    made = DebateBoard(clock_s=iter([0.0, 2.0, *[14.6] * 100]).__next__)
    made.begin(3, "panel", BTC)
    return made


def drawn(what, width=80, height=24):
    console = Console(file=StringIO(), width=width, height=height, color_system=None)
    console.print(what)
    return console.file.getvalue().rstrip("\n").split("\n")


def said(role, *stances, **how):
    taken = tuple(
        SymbolStance(symbol=symbol, stance=stance, confidence=confidence)
        for symbol, stance, confidence in stances
    )
    return DebateMessage(turn=how.pop("turn", 1), role=role, model="x/y", stances=taken, **how)


def test_words_fill_a_role_s_panel_and_give_way_to_its_stance():
    shown = board()
    assert drawn(shown) == ["panel debates on BTC (debate 3)  ·  nobody speaks yet  ·  13 s"]
    shown.hear("bear", 1, 0, "It will ")
    shown.hear("bear", 1, 8, "fall, since")
    assert any("It will fall, since" in line for line in drawn(shown))
    assert "bear speaks" in drawn(shown)[1]
    shown.conclude(said("bear", (BTC, Stance.SHORT, 0.58), signals=("RSI 71",), argument="Too far."))
    lines = drawn(shown)
    assert lines[0].startswith("panel debates on BTC (debate 3)  ·  1 of 1 have spoken")
    inside = [line.strip("│ ") for line in lines[2:6]]
    assert inside == ["▼ short 58%", "· RSI 71", "Too far.", ""]
    assert "It will fall" not in "\n".join(lines)


def test_what_was_left_out_between_words_is_not_glued_together():
    shown = board()
    shown.hear("bull", 1, 0, "one two")
    shown.hear("bull", 1, 20, "five")
    assert "two" not in "\n".join(drawn(shown))
    shown.hear("bull", 2, 0, "again")
    assert "five" not in "\n".join(drawn(shown))


def test_who_speaks_again_in_a_later_turn_is_shown_speaking():
    shown = board()
    shown.conclude(said("bull", (BTC, Stance.LONG, 0.6)))
    shown.hear("bull", 2, 0, "On reflection")
    assert "0 of 1 have spoken" in drawn(shown)[0]
    shown.conclude(said("bull", (BTC, Stance.FLAT, 0.5), turn=2))
    assert "bull, turn 2" in drawn(shown)[1]
    assert "◇ flat 50%" in drawn(shown)[2]


def test_each_instrument_is_named_where_there_are_several_and_failure_says_why():
    shown = board()
    shown.conclude(said("bull", (BTC, Stance.LONG, 0.6), (ETH, Stance.SHORT, None)))
    shown.conclude(said("bear", failed="it gave no answer within 20 s"))
    text = "\n".join(drawn(shown))
    assert "BTC ▲ long 60%   ETH ▼ short" in text
    assert "said nothing: it gave no answer within 20 s" in text


@pytest.mark.parametrize(("width", "height"), [(80, 24), (60, 24), (120, 30), (160, 50), (200, 60)])
def test_all_seven_roles_fit_on_the_terminal(width, height):
    shown = board()
    for role in (*AnalystRole, "judge", "shadow"):
        shown.conclude(
            said(
                role,
                (BTC, Stance.LONG, 0.6),
                signals=("s" * 160,) * 8,
                argument="word " * 300,
                tools=("bars",),
            )
        )
    lines = drawn(shown, width, height)
    assert len(lines) <= height
    assert max(map(cell_len, lines)) <= width
    assert sum("▲ long 60%" in line for line in lines) >= 4
    text = "\n".join(lines)
    order = [text.index(name) for name in ("bull", "bear", "risk manager", "judge  x/y", "judge without")]
    assert order == sorted(order)


@pytest.mark.parametrize("name", sorted(HOSTILE_TEXTS))
def test_hostile_words_are_drawn_as_plain_text_inside_their_panel(name):
    shown = board()
    shown.hear("bull", 1, 0, HOSTILE_TEXTS[name])
    shown.conclude(said("bear", (BTC, Stance.SHORT, 0.5), argument=HOSTILE_TEXTS[name][:1_500]))
    assert len(shown.seats["bull"].words) <= MOST_WORDS
    lines = drawn(shown)
    assert all(line.isprintable() for line in lines)
    assert max(map(cell_len, lines)) <= 80
    assert [line[0] for line in lines[1:]].count("╭") == 2
