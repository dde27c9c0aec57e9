"""The debate view at the sizes people have, as pictures; `pytest --snapshot-update` takes them anew."""

from cockpit.domain.debates import JUDGE, AnalystRole
from tests.tui import debate_facts as facts
from tests.tui.conftest import staged
from tests.tui.debate_facts import BTC, DEBATER, ETH, SOL, TARGET, VERDICT, said, stance
from tests.tui.replay_link import ReplayLink
from tests.tui.test_debates import asked, opened, split_debate
from tests.tui.test_snapshots import SvgExtension, taken

SYMBOLS = (BTC, ETH, SOL)


def debated() -> ReplayLink:
    """A round that agreed, one that did not, one that was asked for, and one that is under way."""
    link = facts.debating_link()
    facts.held(link, facts.full())
    facts.decided(link, TARGET, refused=("ETH: a leverage of 40 is more than the 10 allowed",))
    facts.held(link, split_debate())
    facts.decided(link, TARGET)
    asked(link)
    checks = ("buy 0.08 BTC/USDC:USDC at the market: passes",)
    facts.asked_held(link, 3, facts.full(), proposal=(TARGET,), checks=checks)
    return link


def said_of_all(role: str, *sides: str, turn: int = 1, **more: object):
    stances = tuple(stance(*each) for each in zip(SYMBOLS, sides, strict=True))
    return said(role, turn=turn, stances=stances, **more)


def on_three_coins():
    mute = said("technical", turn=2, stances=(), signals=(), argument="", failed="its answer was cut off")
    return facts.debate(
        said_of_all("bull", "long", "long", "flat"),
        said("bear", stances=(), signals=(), argument="", failed="no answer within 30s"),
        said_of_all("technical", "short", "long", "long", tools=("bars", "bars", "quote")),
        said_of_all("bull", "short", "long", "flat", turn=2),
        mute,
        said_of_all(JUDGE, "short", "long", "flat", turn=3, signals=(), argument=VERDICT.argument),
        symbols=SYMBOLS,
    )


async def test_debates_at_the_sizes_people_have(snapshot):
    picture = snapshot.use_extension(SvgExtension)
    link = debated()
    async with staged(link, (160, 50)) as stage:
        await opened(stage)
        assert await taken(stage) == picture(name="160x50 asked")
        await stage.resize(80, 24)
        await stage.press("down")
        assert await taken(stage) == picture(name="80x24 disagreement")
        await stage.resize(160, 50)
        who = asked(link)
        facts.speak(link, "The tape is quiet, and volume dries up under the", "bear", talk=1, agent=who)
        for role in (AnalystRole.BULL, AnalystRole.TECHNICAL):
            facts.conclude(link, said(role), agent=who)
        await stage.settle()
        await stage.press("home", "enter", "right")
        assert await taken(stage) == picture(name="160x50 under way")
        await stage.resize(80, 24)
        assert await taken(stage) == picture(name="80x24 under way")


async def test_a_debate_on_several_coins_with_a_rebuttal(snapshot):
    picture = snapshot.use_extension(SvgExtension)
    link = facts.debating_link()
    facts.held(link, on_three_coins())
    assert link.events[-1].event.agent == DEBATER
    async with staged(link, (160, 50)) as stage:
        await opened(stage)
        assert await taken(stage) == picture(name="160x50")
        await stage.resize(80, 24)
        await stage.press("enter", "home")
        assert await taken(stage) == picture(name="80x24")
