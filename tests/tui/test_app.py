import pytest

from cockpit.daemon.folder import BotFolder
from cockpit.tui import app as app_module
from cockpit.tui.app import CockpitApp, DashboardFailed, run_dashboard
from tests.tui.replay_link import ReplayLink


async def test_the_first_frame_outlines_the_panes_before_anything_is_known():
    def never() -> ReplayLink:
        raise AssertionError("the first frame asks for nothing")

    app = CockpitApp("arena", never)
    app._load = wait_for_nothing
    async with app.run_test(size=(120, 40)) as pilot:
        await pilot.pause()
        text = "\n".join(strip.text for strip in app.screen._compositor.render_strips())
        assert "1 Leaderboard" in text
        assert "… CONNECTING" in text
        await pilot.press("q")
    assert app.return_value == ""


async def wait_for_nothing() -> None:
    return None


def test_an_unknown_theme_falls_back_to_the_shipped_one(link):
    assert CockpitApp(link.bot, lambda: link, theme="no such theme").theme == "cockpit"
    assert CockpitApp(link.bot, lambda: link, theme="nord").theme == "nord"


def test_a_fault_of_the_dashboard_is_one_line_and_leaves_its_traceback_in_a_file(tmp_path, monkeypatch):
    class Faulty(CockpitApp):
        def run(self, **_: object) -> None:
            self.fault = ValueError("\x1b[31mbroken")

    monkeypatch.setattr(app_module, "CockpitApp", Faulty)
    with pytest.raises(DashboardFailed) as failed:
        run_dashboard(BotFolder(tmp_path / "arena"), start=lambda: None)
    assert "ValueError: broken" in str(failed.value)
    assert "\n" not in str(failed.value)
    assert "ValueError" in (tmp_path / "arena" / "dashboard.log").read_text()


async def test_a_fault_prints_no_traceback_on_the_screen(link, capsys):
    link.events = [None]  # what no bot says
    app = CockpitApp(link.bot, lambda: link)
    with pytest.raises(Exception, match=r"WorkerFailed|Worker raised|NoneType"):
        async with app.run_test() as pilot:
            await pilot.pause(0.5)
    assert app.fault is not None
    assert "Traceback" not in capsys.readouterr().err
