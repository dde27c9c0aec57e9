"""The dashboard in a real terminal, over a real bot, from the first key to the last."""

import os
import signal

import pytest

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
        screen.wait_for("kill switch")
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
        screen.wait_for("kill switch", "leave")
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
        screen.wait_for("THE BOT IS NOT RUNNING", seconds=4)
        cockpit("start", "--speed=600")
        screen.wait_for("● RUNNING", seconds=10)


def test_losing_the_terminal_never_stops_the_bot(cockpit):
    with Terminal(cockpit.arguments("up", "--speed=600")) as screen:
        screen.wait_for("RUNNING", seconds=40)
        os.killpg(screen.process.pid, signal.SIGHUP)
        screen.wait_for_exit()
    assert cockpit.json("status")["health"]["pid"]
