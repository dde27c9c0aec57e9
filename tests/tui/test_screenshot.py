import pytest

from cockpit.tui import screenshot
from cockpit.tui.screenshot import PictureFailed, export_svg
from tests.tui.replay_link import ReplayLink


def test_a_picture_shows_the_dashboard_and_loads_nothing(link, tmp_path):
    path = tmp_path / "dashboard.svg"
    export_svg(link, path, (120, 40))
    svg = path.read_text()
    assert "Leaderboard" in svg
    assert "@font-face" not in svg
    assert "url(http" not in svg


def test_the_same_events_give_the_same_picture(link, tmp_path):
    for name in ("one.svg", "two.svg"):
        export_svg(ReplayLink(events=list(link.events)), tmp_path / name, (80, 24), keys=("2",))
    assert (tmp_path / "one.svg").read_bytes() == (tmp_path / "two.svg").read_bytes()


def test_a_bot_that_does_not_answer_gives_no_picture(link, tmp_path, monkeypatch):
    monkeypatch.setattr(screenshot, "PATIENCE_S", 0.3)
    link.hang()
    with pytest.raises(PictureFailed, match="no picture of the bot arena"):
        export_svg(link, tmp_path / "none.svg")
    assert not (tmp_path / "none.svg").exists()
