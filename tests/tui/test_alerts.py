"""Alerts stay until a person says that they have been seen."""

from cockpit.domain.events import AlertAcknowledged, BreakerTripped, JournalOutage
from cockpit.tui.screens.alerts import AlertsScreen
from tests.tui.conftest import Stage, staged

REASON = "random's errors of 60.0% reached the limit of 50.0%, over the latest twenty decisions"


def tripped(scope: str = "random", reason: str = REASON) -> BreakerTripped:
    return BreakerTripped(
        scope=scope, breaker="errors", value=0.6, limit=0.5, reason=reason, stopped="the agent"
    )


OUTAGE = JournalOutage(lasted_ms=5_000, reason="no space left on device")


async def test_while_there_are_alerts_their_number_and_the_newest_are_in_sight(link):
    async with staged(link, (80, 24)) as stage:
        assert "alert" not in stage.text
        link.happen([tripped(), OUTAGE])
        await stage.settle()
        header, _, band = stage.text.split("\n")[:3]
        assert " ! 2 alerts " in header
        assert band.startswith(" ! 2 alerts, a shows them ")
        assert "arena: the journal could not" in band
        link.happen([AlertAcknowledged(alert=len(link.events), by="somebody else")])
        await stage.settle()
        assert stage.text.split("\n")[2].startswith(" ! 1 alert, a shows it ")


async def test_attached_again_it_shows_the_same(link):
    link.happen([tripped(), OUTAGE])
    async with staged(link) as stage:
        first = stage.text.split("\n")[2]
    async with staged(link) as stage:
        assert stage.text.split("\n")[2] == first
        assert "2 alerts" in first


async def test_a_lists_alerts_and_enter_acknowledges_one(link):
    link.happen([tripped(), OUTAGE])
    seqs = [len(link.events) - 1, len(link.events)]
    async with staged(link) as stage:
        await stage.press("a")
        assert isinstance(stage.app.screen, AlertsScreen)
        words = " ".join(stage.text.replace("│", " ").split())
        assert "decisions; stopped: the agent" in words, "in full, on as many lines as it takes"
        assert words.index("no space left on device") < words.index("over the latest twenty decisions")
        await stage.press("down", "enter")
        assert link.sent == [(f"/alerts/{seqs[0]}/acknowledge", {})]
        assert "no space left on device" in box(stage)
        assert "twenty decisions" not in box(stage)
        await stage.press("a")
        assert stage.app.screen is stage.controls.dashboard
        assert "1 alert, a shows it" in stage.text


async def test_capital_a_acknowledges_all_once_they_have_been_seen(link):
    link.happen([tripped(), OUTAGE])
    seqs = [len(link.events) - 1, len(link.events)]
    async with staged(link) as stage:
        await stage.press("A")
        assert link.sent == [], "they have not been in sight yet"
        assert isinstance(stage.app.screen, AlertsScreen)
        await stage.press("A")
        assert [path for path, _ in link.sent] == [f"/alerts/{seq}/acknowledge" for seq in seqs]
        assert "All alerts are acknowledged." in stage.text
        await stage.press("escape")
        assert " ! " not in stage.text


async def test_a_bot_that_refuses_says_why_and_the_alert_stays(link):
    link.happen([tripped()])
    link.refuses = "there is no alert 7; it may have been acknowledged already"
    async with staged(link) as stage:
        await stage.press("a", "enter")
        assert "may have been acknowledged already" in " ".join(stage.text.replace("▌", " ").split())
        assert len(stage.store.state.alerts) == 1


async def test_keys_that_were_changed_are_the_ones_that_count(link):
    link.happen([tripped()])
    async with staged(link, keys={"alerts": "f5", "acknowledge_all": "f6"}) as stage:
        assert "f5 shows it" in stage.text
        await stage.press("f5")
        assert "f6 all" in stage.text
        await stage.press("f6")
        assert len(link.sent) == 1
        await stage.press("f5")
        assert stage.app.screen is stage.controls.dashboard


def box(stage: Stage) -> str:
    """What stands in the list."""
    return "\n".join(row.draw(76).plain for row in stage.app.screen.pane._rows)
