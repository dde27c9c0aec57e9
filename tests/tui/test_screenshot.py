import pytest

from cockpit.tui import screenshot
from cockpit.tui.screenshot import PictureFailed, export_svg
from tests.tui.replay_link import ReplayLink


def test_the_same_events_give_the_same_picture_and_it_loads_nothing(link, tmp_path):
    for name in ("one.svg", "two.svg"):
        export_svg(ReplayLink(events=list(link.events)), tmp_path / name, (80, 24), keys=("2",))
    svg = (tmp_path / "one.svg").read_text()
    assert svg == (tmp_path / "two.svg").read_text()
    assert "Leaderboard" not in svg
    assert "Equity" in svg
    assert "@font-face" not in svg
    assert "url(http" not in svg


def test_a_bot_that_does_not_answer_gives_no_picture(link, tmp_path, monkeypatch):
    monkeypatch.setattr(screenshot, "PATIENCE_S", 0.3)
    link.hang()
    with pytest.raises(PictureFailed, match="no picture of the bot arena"):
        export_svg(link, tmp_path / "none.svg")
    assert not (tmp_path / "none.svg").exists()


def test_a_bot_that_is_not_running_is_drawn_as_it_was_left_rather_than_waited_for(
    link, tmp_path, monkeypatch
):
    monkeypatch.setattr(screenshot, "PATIENCE_S", 5.0)
    link.running = link.answering = False
    export_svg(link, tmp_path / "stopped.svg", (80, 24))
    assert "NOT&#160;RUNNING" in (tmp_path / "stopped.svg").read_text()
