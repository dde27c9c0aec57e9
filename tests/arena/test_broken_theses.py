"""What would prove an agent wrong comes about: its position is closed at that bar, or people are told."""

from dataclasses import replace

import pytest

from cockpit.arena.narration import is_routine, narrate
from cockpit.domain.decisions import Target, Thesis
from cockpit.domain.events import OrderCreated, OrderFilled, OrderMoved, ThesisBroken, TradeClosed
from cockpit.domain.market import MINUTE_MS
from cockpit.domain.orders import OrderStatus
from tests.trading.arena_facts import BTC, START_MS

THESIS = Thesis(invalidation="3m close < 49,500")
LONG = Target(symbol=BTC.symbol, exposure=0.5, stop=40_000.0, thesis=THESIS)


def entered(theatre, target=LONG, *, closing=True):
    """An arena in whose third minute ann holds BTC, bought at 50,000."""
    stage = theatre()
    rules = replace(stage.parts.rules, closing=frozenset({"ann"} if closing else ()))
    stage.parts = replace(stage.parts, rules=rules)
    stage.restart(bar(50_000.0))
    stage.say("ann", target)
    stage.calm()
    stage.say("ann")
    stage.calm()
    assert stage.lots() > 0
    return stage


def bar(close):
    return ((close,) * 4, (2_000.0,) * 4)


def walk(stage, *closes):
    for close in closes:
        stage.step(bar(close))


def minutes_of(stage, kind):
    """At which minutes of the run something happened."""
    told = stage.journal.recorded
    return [(each.ts_ms - START_MS) // MINUTE_MS for each in told if isinstance(each.event, kind)]


def test_the_position_is_closed_when_the_bar_closes_that_breaks_the_thesis_and_not_before(theatre):
    stage = entered(theatre)
    now = (stage.now_ms - START_MS) // MINUTE_MS
    assert now % 3 == 1
    walk(stage, 49_000.0, 49_600.0)  # it only dips below within the bar
    assert stage.events(ThesisBroken) == []
    walk(stage, 49_600.0, 49_600.0, 49_400.0)  # this one closes below
    (broken,) = stage.events(ThesisBroken)
    assert broken == ThesisBroken(agent="ann", symbol=BTC.symbol, condition=broken.condition, closes=True)
    assert minutes_of(stage, ThesisBroken) == [now + 5]
    assert stage.lots() > 0
    walk(stage, 49_300.0)
    assert stage.lots() == 0
    assert minutes_of(stage, TradeClosed) == [now + 6]
    assert stage.events(OrderFilled)[-1].fill.price == 49_300.0


def test_it_is_told_once_in_words_that_stand_out_and_its_agent_sees_it_in_the_same_round(theatre):
    stage = entered(theatre)
    ann = stage.parts.agents["ann"]
    say, shown = ann.say, []
    ann.say = lambda view, own: shown.append(own) or say(view, own)
    walk(stage, 49_000.0, 49_000.0, 49_000.0, 49_000.0, 49_000.0)
    (broken,) = stage.events(ThesisBroken)
    assert narrate(broken, {}) == f"ann's thesis on BTC is broken: {broken.condition}; the position is closed"
    assert not is_routine(broken)
    assert "3m" in broken.condition
    assert "49500" in broken.condition
    (at,) = minutes_of(stage, ThesisBroken)
    lessons = [own.lessons for own in shown]
    assert [bool(each) for each in lessons] == [False, True, False, False, False]
    assert at == 6
    assert lessons[1] == (f"{BTC.symbol}: {broken.condition} has come about: the position is closed",)
    assert shown[1].broken == {BTC.symbol: broken.condition}


def test_where_settings_only_alert_the_position_stays_and_its_agent_is_told(theatre):
    stage = entered(theatre, closing=False)
    before = stage.lots()
    walk(stage, *[49_000.0] * 8)
    (broken,) = stage.events(ThesisBroken)
    assert not broken.closes
    assert narrate(broken, {}) == f"ann's thesis on BTC is broken: {broken.condition}"
    assert stage.lots() == before
    assert stage.agent().broken == {BTC.symbol: broken.condition}


def test_a_thesis_in_free_words_closes_nothing(theatre):
    words = replace(LONG, thesis=Thesis(invalidation="when the mood turns"))
    stage = entered(theatre, words)
    walk(stage, *[41_000.0] * 4)
    assert stage.events(ThesisBroken) == []
    assert stage.lots() > 0


@pytest.mark.parametrize("dies", [False, True])
def test_while_killed_nothing_is_sent_and_after_that_it_is_closed(theatre, dies):
    stage = entered(theatre)
    stage.control("kill", "the test", flatten=False)
    created = len(stage.events(OrderCreated))
    walk(stage, *[49_000.0] * 6)
    assert len(stage.events(ThesisBroken)) == 1
    sent = [each for each in stage.events(OrderMoved) if each.after is OrderStatus.SUBMITTED]
    if dies:
        stage.restart(bar(49_000.0))
    walk(stage, 49_000.0)
    assert stage.lots() > 0
    assert len(stage.events(OrderCreated)) == created
    stage.control("unkill", "the test")
    walk(stage, 49_100.0, 49_200.0)
    assert stage.lots() == 0
    assert len(stage.events(ThesisBroken)) == 1
    now_sent = [each for each in stage.events(OrderMoved) if each.after is OrderStatus.SUBMITTED]
    assert len(now_sent) == len(sent) + 1


def test_a_position_of_a_new_thesis_is_not_closed_by_the_old_one(theatre):
    stage = entered(theatre)
    walk(stage, *[49_000.0] * 4)
    assert stage.lots() == 0
    stage.say("ann", replace(LONG, thesis=Thesis(invalidation="3m close < 48,000")))
    walk(stage, 49_000.0)
    stage.say("ann")
    walk(stage, *[49_000.0] * 5)
    assert stage.lots() > 0
    assert len(stage.events(ThesisBroken)) == 1
