from copy import deepcopy
from dataclasses import replace

import pytest

from cockpit.domain.events import (
    DecisionMade,
    EmergencyAdvanced,
    EmergencyStage,
    JournalOutage,
    KillSwitchSet,
    Recorded,
)
from cockpit.trading.fold import FoldError
from cockpit.tui import store as store_module
from cockpit.tui.link import Words
from cockpit.tui.situation import Situation
from cockpit.tui.store import Connection, Store, Topic
from tests.tui.recorded_arena import state_at

SMALL_WINDOW = 400


@pytest.fixture
def small_window(monkeypatch):
    monkeypatch.setattr(store_module, "WINDOW", SMALL_WINDOW)


def followed(events) -> Store:
    """A store that saw everything from the first event on."""
    store = Store(bot="arena")
    store.attach(state_at(events, 0))
    for recorded in events:
        store.take(recorded)
    return store


def attached(events, seq: int) -> Store:
    """A store that attached when the bot was at a place, and followed it from there."""
    store = Store(bot="arena")
    since = store.attach(state_at(events, seq))
    for recorded in events[since:]:
        store.take(recorded)
    return store


def shown(store: Store) -> dict[str, object]:
    return {
        "state": store.state,
        "log": list(store.log.entries),
        "decisions": list(store.trail.entries),
        "orders": list(store.orders.entries.values()),
        "trades": list(store.trades),
        "marks": {symbol: list(marks) for symbol, marks in store.marks.items() if marks},
    }


def test_the_store_is_the_fold_of_the_events(arena_events):
    assert followed(arena_events).state == state_at(arena_events, len(arena_events))


@pytest.mark.parametrize("share", [0.0, 0.1, 0.33, 0.5, 0.77, 0.99, 1.0])
def test_attaching_anywhere_shows_the_same_as_having_watched_from_the_start(
    arena_events, small_window, share
):
    seq = round(share * len(arena_events))
    assert shown(attached(arena_events, seq)) == shown(followed(arena_events))


def test_lists_reach_back_over_the_window_and_no_further(arena_events, small_window):
    store = followed(arena_events)
    oldest = len(arena_events) - SMALL_WINDOW
    assert store.log.entries[0].seq == oldest + 1
    assert len(store.log.entries) == SMALL_WINDOW
    assert all(entry.seq > oldest for entry in store.trail.entries)
    assert all(marks[0][0] > oldest for marks in store.marks.values())


def test_an_event_that_comes_twice_is_taken_once(arena_events):
    store = followed(arena_events)
    before = deepcopy(shown(store))
    store.take(arena_events[-1])
    assert shown(store) == before


def test_a_new_run_begins_with_empty_lists(arena_events):
    store = followed(arena_events)
    seq = len(arena_events) + 1
    store.take(Recorded(seq, 0, "run-2", arena_events[0].event))
    assert [entry.seq for entry in store.log.entries] == [seq]
    assert not store.trail.entries
    assert not store.trades


def test_an_event_that_contradicts_the_state_is_told(arena_events):
    store = followed(arena_events)
    event = next(each.event for each in arena_events if isinstance(each.event, DecisionMade))
    with pytest.raises(FoldError):
        store.take(Recorded(len(arena_events) + 1, 0, "run-1", replace(event, agent="nobody")))


def test_only_topics_an_event_touches_change(arena_events):
    store = followed(arena_events)
    before = list(store.versions)
    store.take(Recorded(len(arena_events) + 1, 0, "run-1", KillSwitchSet(on=True, by="me")))
    changed = {topic for topic in Topic if store.versions[topic] != before[topic]}
    assert changed == {Topic.RUN, Topic.RISK, Topic.LOG}


def test_a_journal_outage_is_shown_until_it_is_over(arena_events):
    store = followed(arena_events)
    store.set_outage("disk full")
    assert store.outage == "disk full"
    store.attach(state_at(arena_events, len(arena_events)))
    assert store.outage is None


def test_a_connection_that_stays_as_it_is_changes_nothing():
    store = Store(bot="arena")
    store.set_connection(Connection.LOST, "gone")
    before = list(store.versions)
    store.set_connection(Connection.LOST, "gone")
    assert store.versions == before


def test_who_spoke_when_the_bot_went_away_speaks_no_more_but_while_it_is_silent_may_go_on():
    store = Store(bot="arena", connection=Connection.LIVE)
    store.hear(Words(agent="robot", role="bull", talk=1, start=0, text="The tape"))
    store.set_connection(Connection.LOST)
    assert store.talks.speakers == ["robot"]
    store.set_connection(Connection.ABSENT)
    assert store.talks.speakers == []


def test_outages_are_in_the_log(arena_events):
    store = followed(arena_events)
    outage = JournalOutage(lasted_ms=5_000, reason="disk full")
    store.take(Recorded(len(arena_events) + 1, 0, "run-1", outage))
    assert store.log.entries[-1].text == "journal was out for 5s (disk full); trading was halted"
    assert not store.log.entries[-1].routine


def test_the_controls_are_those_that_the_start_list_calls_so(arena_events):
    from cockpit.settings.tree import CONTROLS

    assert followed(arena_events).controls == set(CONTROLS)
    started = arena_events[0].event
    renamed = replace(started.contestants[-1], name="luck", summary="draws lots")
    contestants = (*started.contestants[:-1], renamed)
    begun = followed([arena_events[0]._replace(event=replace(started, contestants=contestants))])
    assert "luck" in begun.controls, "whatever it is called, and says of itself"


def test_the_situation_says_what_can_be_done(arena_events):
    store = followed(arena_events)
    store.set_connection(Connection.LIVE)
    assert store.situation == Situation(answers=True, has_run=True)
    store.take(Recorded(len(arena_events) + 1, 0, "run-1", KillSwitchSet(on=True, by="me")))
    store.set_connection(Connection.ABSENT)
    assert store.situation == Situation(absent=True, has_run=True, killed=True)
    seq = len(arena_events) + 2
    for stage, under_way in ((EmergencyStage.CANCELING, True), (EmergencyStage.HALTED, False)):
        event = EmergencyAdvanced(stage=stage, by="me", attempt=1, detail="so")
        store.take(Recorded(seq, 0, "run-1", event))
        assert store.situation.emergency is under_way
        seq += 1
    assert store.situation.alerts, "that it has come to its end is to be seen"
