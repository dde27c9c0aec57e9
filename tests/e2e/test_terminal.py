"""The dashboard in a real terminal, over a real bot, from the first key to the last."""

import os
import re
import signal

import pytest

from cockpit.tui.line import cells_of
from tests.e2e.terminal import Terminal

pytestmark = [pytest.mark.e2e, pytest.mark.timeout(180)]


@pytest.mark.parametrize(("width", "height"), [(80, 24), (160, 50)])
def test_a_trader_s_day(cockpit, width, height):
    with Terminal(cockpit.arguments("up", "--speed=600"), width=width, height=height) as screen:
        screen.wait_for("PAPER", "RUNNING", "Leaderboard", "buy_and_hold", "filled", seconds=40)
        screen.press("z")
        screen.wait_until_gone("filled")
        screen.press("z")
        screen.wait_for("filled")
        screen.press("K")
        screen.wait_for("kill and flatten")
        screen.press("y")
        screen.wait_for("KILLED")
        screen.press("K")
        screen.read(0.5)
        screen.press("y")
        screen.wait_until_gone("KILLED")
        screen.press("p")
        screen.wait_for("PAUSED")
        screen.press("p")
        screen.wait_for("RUNNING")
        screen.press("?")
        screen.wait_for("Kill switch on", "leave")
        screen.press("\x1b")
        screen.read(0.5)
        screen.press("q")
        assert screen.wait_for_exit() == 0
        assert "goes on" in screen.text
    assert cockpit.json("status")["health"]["round"] > 0
    with Terminal(cockpit.arguments("attach"), width=width, height=height) as screen:
        screen.wait_for("PAPER", "buy_and_hold", "filled")
        screen.press("x")
        screen.read(0.5)
        screen.press("y")
        screen.wait_for("THE BOT IS NOT RUNNING", seconds=40)
        screen.press("q")
        assert screen.wait_for_exit() == 0
    cockpit("status", code=3)


@pytest.mark.parametrize(("width", "height"), [(80, 24), (160, 50)])
def test_an_emergency_stop_from_the_keys_to_the_last_position(cockpit, width, height):
    cockpit("start", "--speed=600")
    with Terminal(cockpit.arguments("attach"), width=width, height=height) as screen:
        screen.wait_for("RUNNING", "buy_and_hold", "filled", seconds=40)
        screen.press("m")
        screen.wait_for("What may orders do?")
        screen.press("j\r")
        screen.wait_for("◐ REDUCING, m changes the mode")
        screen.press("K")
        screen.wait_for("kill and flatten")
        screen.press("f")
        screen.wait_for("KILL SWITCH ON, K turns it off: nothing is sent after an emergency stop", seconds=40)
        screen.press("4")
        screen.wait_for("No positions are open.")
        assert cockpit.json("status")["health"]["emergency"]["stage"] == "halted"
        screen.press("a")
        screen.wait_for("emergency stop by the dashboard, halted")
        screen.press("A")
        screen.wait_for("All alerts are acknowledged.")
        screen.press("\x1b")
        screen.wait_until_gone("alerts are acknowledged")
        screen.press("q")
        assert screen.wait_for_exit() == 0


def test_the_blotter_shows_every_order_and_enter_its_whole_trail(cockpit):
    cockpit("start", "--speed=600")
    with Terminal(cockpit.arguments("attach"), width=120, height=40) as screen:
        screen.wait_for("RUNNING", "filled", seconds=40)
        screen.press("b")
        screen.wait_for("Orders", "order", "filled", "status")
        screen.press("/")
        screen.wait_for("/ orders with")
        screen.read(0.3)
        screen.press("filled\r")
        screen.wait_for("“filled”")
        screen.press("\r")
        screen.wait_for("The trail of order", "▶", "risk passed it, sent")
        trail = screen.text
        screen.press("\x1b")
        screen.wait_until_gone("The trail of")
        number = re.search(r"The trail of order (\d+)", trail).group(1)
        assert f"order:{number} of run" in cockpit("audit", f"order:{number}").stdout
        screen.press("1")
        screen.wait_for("Leaderboard")


def test_without_a_bot_it_says_which_key_starts_one_and_starts_it(cockpit):
    with Terminal(cockpit.arguments(), width=120, height=40) as screen:
        screen.wait_for("Press s to start it")
        screen.press("s")
        screen.wait_for("RUNNING", "buy_and_hold", seconds=40)
        screen.press("q")
        screen.wait_for_exit()


def test_a_bot_that_dies_is_told_within_moments_and_found_again(cockpit):
    cockpit("start", "--speed=600")
    with Terminal(cockpit.arguments(), width=120, height=40) as screen:
        screen.wait_for("RUNNING")
        os.kill(cockpit.json("status")["health"]["pid"], signal.SIGKILL)
        screen.wait_for("THE BOT IS NOT RUNNING, s starts it", seconds=2)
        screen.press("p")
        screen.wait_for("No bot runs; s starts one.")
        cockpit("start", "--speed=600")
        screen.wait_for("● RUNNING", seconds=10)
        assert "No bot runs" not in screen.text


def test_the_mouse_goes_to_panes_and_selects_agents_on_a_small_terminal(cockpit):
    cockpit("start", "--speed=600")
    with Terminal(cockpit.arguments("attach"), width=80, height=24) as screen:
        screen.wait_for("RUNNING", "▸", "momentum_rank")
        click(screen, "4 Positions")
        screen.wait_for("4 Positions · ", "entry")
        click(screen, "1 Ranks")
        screen.wait_for("return▾")
        cockpit("pause")  # or the ranks might change between a look and a click
        screen.wait_for("PAUSED")
        click(screen, "cash")
        screen.read(1.5)
        assert any("▸" in line and "cash" in line for line in screen.text.split("\n"))
        click(screen, "return▾")
        screen.wait_for("return▴")


def test_without_colour_nothing_is_coloured(cockpit):
    cockpit("start", "--speed=600")
    with Terminal(cockpit.arguments("attach"), width=120, height=40, NO_COLOR="1") as screen:
        screen.wait_for("RUNNING", "▸")
        screen.read(1)
        colours = re.findall(rb"[34]8;2;(\d+);(\d+);(\d+)", bytes(screen.raw))
        assert colours
        assert all(red == green == blue for red, green, blue in colours)


def test_a_key_that_is_fixed_is_refused_in_one_line_before_anything_is_drawn(cockpit):
    keys = '{"pause": "tab"}'
    with Terminal(cockpit.arguments("attach"), COCKPIT_DASHBOARD__KEYS=keys) as screen:
        assert screen.wait_for_exit() == 2
        assert "the key 'tab' is fixed" in screen.text
        assert "Traceback" not in screen.text


def test_losing_the_terminal_never_stops_the_bot(cockpit):
    with Terminal(cockpit.arguments("up", "--speed=600")) as screen:
        screen.wait_for("RUNNING", seconds=40)
        os.killpg(screen.process.pid, signal.SIGHUP)
        screen.wait_for_exit()
    assert cockpit.json("status")["health"]["pid"]


def click(screen: Terminal, words: str) -> None:
    """Presses and releases the mouse on some words."""
    lines = screen.text.split("\n")
    row = next(at for at, line in enumerate(lines) if words in line)
    cells = cells_of(lines[row].partition(words)[0])
    for end in "Mm":
        screen.press(f"\x1b[<0;{cells + 2};{row + 1}{end}")
