"""The debate view: what analysts argue, how far they agree, what was decided, and asking for another one."""

import re
from dataclasses import replace

import pytest

from cockpit.domain.debates import AnalystRole
from cockpit.domain.decisions import FailureKind
from cockpit.domain.events import DebateAbandoned, DebateHeld, DecisionFailed, RunStarted
from cockpit.tui import store as store_module
from cockpit.tui.actions import offered
from cockpit.tui.panes.debate import DebatePane
from cockpit.tui.panes.debate_list import DebateListPane
from cockpit.tui.screens.call import CallScreen
from cockpit.tui.screens.confirm import ChoiceScreen, ConfirmScreen
from cockpit.tui.screens.debates import DebatesScreen
from cockpit.tui.screens.trail import TrailScreen
from cockpit.tui.store import Connection
from tests.servers.model_server import HOSTILE_TEXTS
from tests.tui import debate_facts as facts
from tests.tui.conftest import Stage, staged
from tests.tui.debate_facts import ALONE, BTC, DEBATER, ETH, SOL, TARGET, VERDICT, said, stance
from tests.tui.replay_link import ReplayLink
from tests.tui.test_hostile_text import EVIL, assert_clean
from tests.tui.test_minds import EVERYTHING_HOSTILE, minds_link
from tests.tui.test_orders import done

WIDE = (160, 50)
NARROW = (80, 24)


@pytest.fixture
def link() -> ReplayLink:
    return facts.debating_link()


async def opened(stage: Stage) -> DebatesScreen:
    await stage.press("D")
    await read(stage)
    assert isinstance(stage.app.screen, DebatesScreen)
    return stage.app.screen


async def read(stage: Stage) -> None:
    """Waits until what was asked of the journal is on the screen."""
    for group in ("debates", "debate"):
        await done(stage, group)


def asked(link: ReplayLink, *, execute: bool = False, agent: str = DEBATER) -> str:
    """Lets a debate be asked for; the name its roles speak under."""
    number = link.next_debate_id
    link._carry_out("/debates", {"agent": agent, "symbol": BTC, "execute": execute})
    link._news.set()
    return f"{agent}#{number}"


def split_debate():
    sides = ("long", "short", "flat", "short", "long")
    return facts.debate(
        *(said(role, side) for role, side in zip(AnalystRole, sides, strict=True)), VERDICT, below=0.6
    )


def row_of(stage: Stage, words: str) -> str:
    return next(line for line in stage.text.split("\n") if words in line)


def flat(stage: Stage) -> str:
    """The screen without frames and line breaks, for words that are broken in a narrow box."""
    return " ".join(re.sub(r"[│╭╮╰╯─▌▐▊▎▏]", " ", stage.text).split())


async def test_d_opens_the_debates_and_closes_them(link):
    facts.held(link, facts.full())
    async with staged(link, WIDE) as stage:
        await opened(stage)
        assert "#1 ✓ held" in stage.text
        await stage.press("D")
        assert stage.app.screen is stage.controls.dashboard
        await opened(stage)
        await stage.press("escape")
        assert stage.app.screen is stage.controls.dashboard
        await opened(stage)
        await stage.press("4")
        assert stage.app.focused is stage.controls.dashboard.positions


async def test_where_nobody_debates_it_says_what_is_missing_and_offers_nothing():
    link = minds_link()
    async with staged(link, NARROW) as stage:
        assert not {"debates", "new_debate"} & {each.id for each in offered(stage.store.situation)}
        await opened(stage)
        assert 'Nobody debates in this run. In the settings, give an agent kind = "debate"' in flat(stage)
        assert "asks for one" not in stage.text
        await stage.press("n")
        assert 'give an agent kind = "debate"' in stage.text
        assert link.sent == []


async def test_where_somebody_debates_but_has_not_yet_it_says_when(link):
    async with staged(link, NARROW) as stage:
        assert {"debates", "new_debate"} <= {each.id for each in offered(stage.store.situation)}
        await opened(stage)
        assert "No debates yet: robot debates in each round." in stage.text
        assert "n asks for one" in stage.text
        facts.held(link, facts.full())
        await stage.settle()
        assert "#1 ✓ held" in stage.text, "the first one is shown at once"


async def test_a_debate_in_full(link):
    facts.held(link, facts.full())
    made = facts.decided(link, TARGET, refused=("ETH: leverage 40 is over 10",))
    async with staged(link, WIDE) as stage:
        await opened(stage)
        text = stage.text
    assert "$0.0140 · 7 calls · 3.9s" in text
    assert re.search(r"agreement ━+╸?─+ +60%  ▲ 3 long  ▼ 1 short  ◇ 1 flat", text)
    assert "DISAGREEMENT" not in text
    for words in ("bull deepseek-v4-flash", "▲ long   78% ━", "▼ short  55% ━", "◇ flat   50% ━"):
        assert words in text
    assert "· RSI14 diverges" in text
    assert "verdict deepseek-v4-pro" in text
    assert "→ BTC   ▲ 0.08  stop 60,100  target 63,000  4.0×  risks 120.00" in text
    assert "⋯ at work" in text
    assert "✗ refused: ETH: leverage 40 is over 10" in text
    assert "≠ DIFFERS from the verdict" in text
    assert f"Acted upon as decision {made.decision_id}; enter shows its trail." in text


async def test_one_that_was_asked_for_says_by_whom_and_what_the_risk_gate_would_say(link):
    asked(link)
    about = facts.full(shadow=replace(ALONE, stances=VERDICT.stances))
    checks = ("buy 0.08 BTC/USDC:USDC at the market: passes", "sell 0.08 stop: denied: too far")
    facts.asked_held(link, 1, about, proposal=(TARGET,), checks=checks)
    async with staged(link, WIDE) as stage:
        await opened(stage)
        assert "asked by the dashboard, to hear it" in stage.text
        for each in checks:
            assert f"risk gate: {each}" in stage.text
        assert "= the same as the verdict" in stage.text
        assert "Only heard: no order is sent." in stage.text


async def test_a_verdict_that_was_to_be_acted_upon_and_was_not_says_why(link):
    asked(link, execute=True)
    checks = ("not acted upon: the kill switch is on", "buy 0.08 BTC/USDC:USDC at the market: held")
    facts.asked_held(link, 1, facts.full(), proposal=(TARGET,), checks=checks)
    async with staged(link, WIDE) as stage:
        await opened(stage)
        assert "asked by the dashboard, to act upon it" in stage.text
        assert "✗ not acted upon: the kill switch is on" in stage.text
        assert "Only heard" not in stage.text


@pytest.mark.parametrize("size", [WIDE, NARROW])
async def test_a_disagreement_is_called_one(link, size):
    facts.held(link, split_debate())
    async with staged(link, size) as stage:
        await opened(stage)
        assert "DISAGREEMENT" in stage.text
        assert " 40%! " in stage.text


async def test_rows_tell_how_far_each_has_come(link):
    facts.held(link, facts.full())
    failure = DecisionFailed(
        agent=DEBATER, round=9, failure=FailureKind.TIMEOUT, message="the judge was late"
    )
    link.happen([failure])
    asked(link, execute=True)
    link.happen([DebateAbandoned(debate_id=2, agent=DEBATER, reason="the bot was stopped")])
    asked(link)
    async with staged(link, (120, 40)) as stage:
        await opened(stage)
        rows = [line.split()[2:] for line in stage.text.split("\n") if re.search(r"00:2\d [⋯✓✗] ", line)]
        assert rows == [
            ["⋯", "BTC", "⋯", "asked", "under", "way"],
            ["✗", "BTC", "–", "asked→act", "abandoned"],
            ["✗", "▲", "BTC", "60%", "round", "9", "no", "verdict"],
        ]
        await stage.press("down")
        assert "✗ no verdict: the bot was stopped" in stage.text
        await stage.press("down")
        assert "✗ no verdict: the judge was late" in stage.text


async def test_the_outcome_is_told_once_it_is_known(link):
    facts.held(link, facts.full())
    made = facts.decided(link)
    async with staged(link, WIDE) as stage:
        await opened(stage)
        assert re.search(r"60% round 9 +⋯ ", row_of(stage, "▸00:2"))
        decision = stage.store.trail.of(made.decision_id)
        decision.settled = True
        stage.app.screen.listed.paint()
        await stage.settle()
        assert re.search(r"60% round 9 +no order ", row_of(stage, "▸00:2"))


async def test_on_several_symbols_every_card_says_each(link):
    symbols = (BTC, ETH, SOL)
    sides = {"bull": ("long", "long", "flat"), "bear": ("short", "long", "flat")}
    told = [
        said(role, stances=tuple(stance(*each) for each in zip(symbols, taken, strict=True)))
        for role, taken in sides.items()
    ]
    verdict = replace(VERDICT, stances=tuple(map(stance, symbols, ("short", "long", "flat"))))
    facts.held(link, facts.debate(*told, verdict, symbols=symbols))
    async with staged(link, WIDE) as stage:
        await opened(stage)
        assert re.search(r"BTC +━+╸?─+ +50%  ▲ 1 long  ▼ 1 short  ◇ 0 flat", stage.text)
        assert re.search(r"ETH +━+ +100%  ▲ 2 long", stage.text)
        assert re.search(r"BTC +▲ long +60% .*BTC +▼ short +60%", stage.text)
        assert "▼BTC ▲ETH ◇1" in row_of(stage, "▸00:2")


async def test_after_a_rebuttal_the_card_says_what_was_turned(link):
    mute = said("bear", turn=2, stances=(), signals=(), argument="", failed="its answer was cut off")
    facts.held(link, facts.debate(said("bull"), said("bear"), said("bull", "short", turn=2), mute, VERDICT))
    async with staged(link, WIDE) as stage:
        await opened(stage)
        assert "▼ short  78% ━━━━━━── was ▲ long" in stage.text
        assert re.search(r"✗ then nothing: its answer was cut off", stage.text)
        await stage.resize(*NARROW)
        assert "was ▲ long" in row_of(stage, " bull")
        assert "✗ then nothing" in row_of(stage, " bear")


async def test_who_said_nothing_says_why_and_which_tools_were_used(link):
    mute = said("bull", stances=(), signals=(), argument="", failed="no answer within 30s")
    facts.held(link, facts.debate(mute, said("bear", tools=("bars", "quote", "bars"))))
    async with staged(link, WIDE) as stage:
        await opened(stage)
        assert "✗ said nothing: no answer within 30s" in stage.text
        assert "looked up bars 2×, quote" in stage.text
        assert "– was not asked" in stage.text, "the judge was not"


async def test_keys_go_from_card_to_card_and_enter_opens_the_call_that_brought_it(link):
    held = facts.held(link, facts.full())
    made = facts.decided(link, TARGET)
    async with staged(link, WIDE) as stage:
        pane = (await opened(stage)).debate
        await stage.press("enter")
        assert isinstance(stage.app.focused, DebatePane)
        assert pane.chosen == "judge"
        assert "┏━ ▸ verdict" in stage.text
        places = {}
        for key in ("home", "right", "right", "right", "up", "down", "down", "right", "up", "end"):
            await stage.press(key)
            places[key] = pane.chosen
            if key == "up":
                assert pane._places[pane.chosen].line < 2
        assert places == {
            "home": "bull",
            "right": "shadow",
            "up": "fundamental",
            "down": "judge",
            "end": "shadow",
        }
        await stage.press("home", "right", "enter")
        await done(stage, "call")
        assert isinstance(stage.app.screen, CallScreen)
        assert f"Question {held.first_call_id + 1} to a model" in stage.text
        assert "as bear in round 9" in stage.text
        await stage.press("escape")
        while pane.chosen != "judge":
            await stage.press("right")
        await stage.press("enter")
        await done(stage, "trail")
        assert isinstance(stage.app.screen, TrailScreen)
        assert f"The trail of decision {made.decision_id}" in stage.text
        await stage.press("escape", "escape")
        assert isinstance(stage.app.focused, DebateListPane)


async def test_a_verdict_that_led_to_no_decision_opens_its_call(link):
    asked(link)
    held = facts.asked_held(link, 1, facts.full())
    async with staged(link, WIDE) as stage:
        await opened(stage)
        await stage.press("enter", "enter")
        await done(stage, "call")
        assert f"Question {held.first_call_id + 5} to a model" in stage.text
        assert "as judge in round 9" in stage.text


async def test_brackets_go_to_other_debates_while_the_cards_have_the_keys(link):
    facts.held(link, facts.full())
    facts.held(link, split_debate())
    async with staged(link, WIDE) as stage:
        await opened(stage)
        await stage.press("enter")
        assert "#2 ✓" in stage.text
        await stage.press("right_square_bracket")
        assert "#1 ✓" in stage.text
        assert isinstance(stage.app.focused, DebatePane)
        await stage.press("left_square_bracket")
        assert "#2 ✓" in stage.text


async def test_a_click_chooses_a_card_and_another_opens_it(link):
    held = facts.held(link, facts.full())
    async with staged(link, WIDE) as stage:
        pane = (await opened(stage)).debate
        place = pane._places["technical"]
        at = (place.left + 5, place.top + len(pane._head) + 3)
        await stage.pilot.click(pane, offset=at)
        await stage.settle()
        assert pane.chosen == "technical"
        await stage.pilot.click(pane, offset=at, times=2)
        await stage.settle()
        await done(stage, "call")
        assert f"Question {held.first_call_id + 3} to a model" in stage.text


async def test_space_shows_all_that_is_said_where_it_had_no_room(link):
    long = " ".join(f"w{number}" for number in range(300))
    about = facts.debate(*(said(role, argument=f"{long} the end of {role}") for role in AnalystRole), VERDICT)
    facts.held(link, about)
    async with staged(link, WIDE) as stage:
        pane = (await opened(stage)).debate
        assert "more lines: space" in stage.text
        assert "the end of" not in stage.text
        assert "Three of five see it rise" in stage.text, "the verdict keeps its room"
        await stage.press("enter", "space", "home")
        told = "\n".join(row.draw(pane.line_width).plain for row in pane._rows)
        assert all(f"of {role}" in told for role in AnalystRole)
        assert "more lines" not in told
        await stage.press("end")
        assert "Three of five see it rise" in stage.text, "and is scrolled to"
        await stage.press("space")
        assert "more lines: space" in stage.text


async def test_in_a_small_terminal_each_card_is_a_line_and_the_chosen_one_is_open(link):
    facts.held(link, facts.full())
    facts.decided(link, TARGET)
    async with staged(link, NARROW) as stage:
        pane = (await opened(stage)).debate
        for role, side in (
            ("bull", "▲ long   78%"),
            ("bear", "▼ short  55%"),
            ("risk manager", "▲ long   60%"),
        ):
            assert side in row_of(stage, f" {role} ")
        assert "Three of five see it rise" in stage.text
        await stage.press("enter", "up")
        assert pane.chosen == "fundamental"
        assert "I would wait." in stage.text
        assert "Three of five" not in stage.text
        await stage.press("home")
        assert "open interest grows with the price." in stage.text
        assert all(len(line) == 80 for line in stage.text.split("\n"))
        assert not re.search(r"\d[.,]?…", stage.text), "no number is cut"


async def test_while_it_is_held_the_cards_fill(link):
    facts.held(link, facts.full())  # from which it is known who takes part
    who = asked(link)
    async with staged(link, WIDE) as stage:
        await opened(stage)
        assert stage.text.count("⋯ waits") == 6
        facts.speak(link, "I look at ", "bear", talk=1, agent=who)
        facts.speak(link, "the tape.", "bear", talk=1, agent=who)
        facts.conclude(link, said("bull"), agent=who)
        await stage.settle()
        assert "⋯ speaks, 19 characters" in stage.text
        assert "I look at the tape." in stage.text
        assert "▲ 1 long  ▼ 0 short  ◇ 0 flat  so far" in stage.text
        facts.conclude(link, said("bear"), agent=who)
        await stage.settle()
        assert "I look at the tape." not in stage.text
        assert re.search(r"50%  ▲ 1 long  ▼ 1 short  ◇ 0 flat  so far", stage.text)
        assert "~50%" in row_of(stage, "▸00:2")
        facts.speak(link, "I have heard them all.", "judge", talk=3, agent=who)
        await stage.settle()
        assert "I have heard them all." in stage.text
        facts.asked_held(link, 2, facts.full(), proposal=(TARGET,))
        await stage.settle()
        assert "so far" not in stage.text
        assert "#2 ✓ held" in stage.text
        assert "I have heard them all." not in stage.text


async def test_the_debate_of_a_round_is_there_while_it_is_held_and_becomes_the_one_that_was(link):
    async with staged(link, WIDE) as stage:
        await opened(stage)
        facts.speak(link, "It rises.", "bull", talk=1)
        await stage.settle()
        assert "now ⋯ under way" in stage.text
        assert "It rises." in stage.text
        facts.speak(link, "I hold.", "decide", talk=2, agent="unpriced")
        await stage.settle()
        assert stage.text.count("under way") == 1, "who does not debate is not listed"
        facts.held(link, facts.full())
        await stage.settle()
        assert "#1 ✓ held" in stage.text
        assert "now ⋯" not in stage.text


async def test_what_is_under_way_stands_above_what_was_held_meanwhile(link):
    asked(link)
    facts.held(link, facts.full())
    async with staged(link, WIDE) as stage:
        screen = await opened(stage)
        assert [each.debate_id for each in screen.shelf.newest()] == [1, 2]
        assert "#1 ⋯ under way" in stage.text
        facts.asked_held(link, 1, facts.full())
        await stage.settle()
        assert [each.debate_id for each in screen.shelf.newest()] == [2, 1]
        assert "#1 ✓ held" in stage.text, "the cursor stays on it"


async def test_words_are_no_state_and_go_with_the_connection(link):
    who = asked(link)
    async with staged(link, WIDE) as stage:
        await opened(stage)
        facts.speak(link, "I look at the tape.", "bear", talk=1, agent=who)
        facts.conclude(link, said("bull"), agent=who)
        await stage.settle()
        assert "I look at the tape." in stage.text
        heard, link.words = link.words, []
        link.hang()
        await stage.until(Connection.LOST)
        link.answering = True
        await stage.until(Connection.LIVE)
        assert "I look at the tape." not in stage.text
        assert "▲ long" not in stage.text
        assert "#1 ⋯ under way" in stage.text, "that it is under way is an event"
        link.words.append(heard[-1])
        link._news.set()
        await stage.settle()
        assert "▲ long" in stage.text, "what is passed on again is shown again"


async def test_words_paint_nothing_but_the_debate_in_which_they_are_said(link):
    who = asked(link)
    async with staged(link, WIDE) as stage:
        screen = await opened(stage)
        facts.speak(link, "one", "bear", talk=1, agent=who)
        await stage.settle()
        for pane in screen.panes:
            pane.next_paint_s = 1e12
        for agent, due in ((who, {"debate"}), ("unpriced#9", set())):
            facts.speak(link, "first", "bear", talk=2, agent="unpriced#9")  # a beginning changes the list
            await stage.settle()
            count = len(link.words)
            facts.speak(link, " more", "bear", talk=1 if agent == who else 2, agent=agent)
            while sum(stage.store.talks.changes.values()) < count + 1:
                await stage.pilot.pause(0.005)
            assert {pane.id for pane in screen.panes if pane.is_due} == due
            await stage.settle()
        assert min(screen.debate.paint_every_s, screen.listed.paint_every_s) >= 0.25


async def test_what_is_not_over_has_no_call_to_open_and_says_so(link):
    who = asked(link)
    async with staged(link, WIDE) as stage:
        await opened(stage)
        facts.conclude(link, said("bull"), agent=who)
        await stage.settle()
        await stage.press("enter", "enter")
        assert "Its words can be read once the debate is over." in stage.text


async def test_debates_the_latest_events_have_forgotten_come_from_the_journal(link, monkeypatch):
    for about in (facts.full(), split_debate()):
        facts.held(link, about)
        facts.decided(link, TARGET, refused=("ETH: leverage 40 is over 10",))
    asked(link)
    facts.asked_held(link, 3, facts.full(), proposal=(TARGET,), checks=("buy: passes",))
    async with staged(link, WIDE) as stage:
        await opened(stage)
        shown = []
        for _ in range(3):
            shown.append(debate_text(stage))
            await stage.press("down")
        assert "/debates/1" not in link.read
    monkeypatch.setattr(store_module, "WINDOW", 1)
    async with staged(link, WIDE) as stage:
        await opened(stage)
        assert set(stage.store.debates.entries) == {3}
        for number, before in zip((3, 2, 1), shown, strict=True):
            await read(stage)
            told = debate_text(stage)
            if number < 3:
                assert f"/debates/{number}" in link.read
                assert without_outcome(told) == without_outcome(before), number
            await stage.press("down")


def debate_text(stage: Stage) -> str:
    pane = stage.app.screen.debate
    return "\n".join(line.plain for line in (*pane._head, *(row.draw(pane.line_width) for row in pane._rows)))


def without_outcome(text: str) -> str:
    """Without what the latest events know of orders, which the journal says in other words."""
    lines = text.replace("⋯ at work", "         ").split("\n")
    return "\n".join(line for line in lines if not re.fullmatch(r"│ +││.*", line))


async def test_the_end_of_the_list_reads_on(link, monkeypatch):
    from cockpit.tui import debate_desk

    monkeypatch.setattr(debate_desk, "PAGE", 3)
    monkeypatch.setattr(store_module, "WINDOW", 1)
    for _ in range(8):
        facts.held(link, facts.debate(said("bull")))
    async with staged(link, WIDE) as stage:
        await opened(stage)
        assert [each for each in link.read if "before" in each] == ["/debates before 8"]
        for _ in range(4):
            await stage.press("end")
            await read(stage)
        asked_for = [each for each in link.read if "before" in each]
        assert asked_for == [f"/debates before {number}" for number in (8, 5, 2, 1)]
        assert "#1 " in stage.text
        assert len(stage.app.screen.shelf.newest()) == 8


async def test_where_the_bot_cannot_be_asked_the_latest_events_have_to_do(link):
    facts.held(link, facts.full())
    async with staged(link, WIDE) as stage:
        link.hang()
        await stage.until(Connection.LOST)
        await opened(stage)
        assert "#1 ✓ held" in stage.text


async def test_a_debate_that_cannot_be_read_says_why(link, monkeypatch):
    monkeypatch.setattr(store_module, "WINDOW", 1)
    facts.held(link, facts.full())
    facts.held(link, facts.full())
    async with staged(link, WIDE) as stage:
        await opened(stage)
        link.hang()
        await stage.until(Connection.LOST)
        await stage.press("down")
        await read(stage)
        assert "no bot answers" in stage.text


async def test_another_run_begins_with_no_debates(link):
    facts.held(link, facts.full())
    async with staged(link, WIDE) as stage:
        await opened(stage)
        started = next(each.event for each in link.events if isinstance(each.event, RunStarted))
        last = link.events[-1]
        link.go_on([last._replace(seq=last.seq + 1, run_id="run-2", event=started)])
        await stage.settle()
        assert "No debates yet" in stage.text


# Asking for one


async def chosen(stage: Stage, *keys: str) -> None:
    await stage.press("n")
    for key in keys:
        assert isinstance(stage.app.screen, ChoiceScreen | ConfirmScreen)
        await stage.press(key)
    await done(stage, "debate-asked")


async def test_n_asks_for_a_debate_and_goes_to_it(link):
    facts.held(link, facts.full())
    async with staged(link, WIDE) as stage:
        await opened(stage)
        await stage.press("n")
        assert "Which coin is to be debated on?" in stage.text
        assert "BTC" in stage.text
        await stage.press("enter")
        assert "robot debates on BTC. What is to become of the verdict?" in stage.text
        assert "▸only to hear it: no order is sent" in stage.text, "which is put forward"
        await stage.press("enter")
        await done(stage, "debate-asked")
        assert link.sent == [("/debates", {"agent": DEBATER, "symbol": BTC, "execute": False})]
        assert "Debate 2 begins." in stage.text
        assert "#2 ⋯ under way" in stage.text
        assert isinstance(stage.app.screen, DebatesScreen)


async def test_acting_on_it_is_asked_again_in_words_and_not_done_by_mistake(link):
    async with staged(link, NARROW) as stage:
        await chosen(stage, "enter", "down", "enter", "enter")
        assert link.sent == [], "enter means no"
        assert "No debate is asked for." in stage.text
        await stage.press("n", "enter", "down", "enter")
        words = "Let robot ACT on what its judge decides about BTC? Orders then go through the risk gate"
        assert words in flat(stage)
        await stage.press("y")
        await done(stage, "debate-asked")
        assert link.sent == [("/debates", {"agent": DEBATER, "symbol": BTC, "execute": True})]


@pytest.mark.parametrize("keys", [("escape",), ("enter", "escape")])
async def test_leaving_a_question_asks_for_nothing(link, keys):
    async with staged(link, NARROW) as stage:
        await chosen(stage, *keys)
        assert link.sent == []
        assert stage.app.screen is stage.controls.dashboard


async def test_where_several_debate_one_is_chosen(link):
    started = link.events[0].event
    both = tuple(
        replace(each, kind="debate") if each.name == "unpriced" else each for each in started.contestants
    )
    link.events[0] = link.events[0]._replace(event=replace(started, contestants=both))
    async with staged(link, NARROW) as stage:
        await stage.press("n")
        assert "Who is to debate?" in stage.text
        await stage.press("down", "enter", "enter", "enter")
        await done(stage, "debate-asked")
        assert link.sent == [("/debates", {"agent": "unpriced", "symbol": BTC, "execute": False})]


async def test_a_refusal_is_one_line(link):
    link.refuses = "robot is at debate 3 still: wait until that is over"
    async with staged(link, NARROW) as stage:
        await chosen(stage, "enter", "enter")
        assert [each.message for each in stage.app._notifications] == [link.refuses]
        assert stage.app.screen is stage.controls.dashboard


async def test_without_a_bot_that_answers_nothing_is_asked(link):
    async with staged(link, NARROW) as stage:
        link.hang()
        await stage.until(Connection.LOST)
        await stage.press("n")
        await done(stage, "debate-asked")
        assert "The bot does not answer now." in stage.text
        assert stage.app.screen is stage.controls.dashboard


# What others say


def hostile_debate():
    told = [
        said(
            role,
            model=EVERYTHING_HOSTILE,
            signals=(EVERYTHING_HOSTILE, EVIL),
            argument=EVERYTHING_HOSTILE,
            tools=(EVIL, EVIL),
        )
        for role in ("bull", EVIL)
    ]
    mute = said("bear", stances=(), signals=(), argument="", failed=EVERYTHING_HOSTILE)
    verdict = replace(VERDICT, argument=EVERYTHING_HOSTILE, model=EVIL)
    return facts.debate(*told, mute, verdict, shadow=replace(ALONE, argument=EVIL))


@pytest.mark.parametrize("size", [WIDE, NARROW])
async def test_hostile_words_reach_no_terminal_wherever_they_stand(link, size):
    link.happen([])
    link._carry_out("/debates", {"agent": DEBATER, "symbol": BTC, "execute": True})
    evil = replace(TARGET, reason=EVIL)
    facts.asked_held(
        link,
        1,
        hostile_debate(),
        proposal=(evil,),
        refused=(EVIL,),
        checks=(EVIL,),
        failed=EVERYTHING_HOSTILE,
    )
    who = asked(link)
    async with staged(link, size) as stage:
        screen = await opened(stage)
        facts.speak(link, EVERYTHING_HOSTILE, "bear", talk=1, agent=who)
        for message in hostile_debate().messages:
            facts.conclude(link, replace(message, call=None), agent=who)
        await stage.settle()
        assert_clean(stage)
        await stage.press("enter", "space")
        for _ in range(2):
            for role in [card.role for card in screen.debate._cards.all]:
                screen.debate.choose(role)
                await stage.settle()
                assert_clean(stage)
            await stage.press("right_square_bracket")
        assert "[@click=app.quit]" in "".join(
            row.draw(screen.debate.line_width).plain for row in screen.debate._rows
        )


async def test_five_megabytes_do_not_stop_the_screen(link):
    huge = HOSTILE_TEXTS["huge"]
    who = asked(link)
    async with staged(link, WIDE) as stage:
        screen = await opened(stage)
        facts.speak(link, huge, "bear", talk=1, agent=who)
        facts.conclude(link, said("bull", argument=huge, signals=(huge,) * 50, tools=(huge,) * 50), agent=who)
        await stage.settle()
        assert "⋯ speaks, 5,000,000 characters" in stage.text
        await stage.press("enter", "space")
        assert len(screen.debate._rows) < 1_000
        assert_clean(stage)


async def test_one_debate_of_an_older_program_has_no_verdict_of_its_own(link):
    facts.held(link, facts.debate())
    async with staged(link, WIDE) as stage:
        await opened(stage)
        held = next(each.event for each in link.events if isinstance(each.event, DebateHeld))
        assert held.debate.messages == ()
        assert "– was not asked" in stage.text
