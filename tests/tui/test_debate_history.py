import pytest

from cockpit.domain.decisions import FailureKind
from cockpit.domain.events import DebateAbandoned, DebateAsked, DecisionFailed
from cockpit.tui import store as store_module
from cockpit.tui.debate_history import MOST_DEBATES, DebateEntry, DebateStatus
from cockpit.tui.spending import Spent
from cockpit.tui.store import Store
from tests.tui import debate_facts as facts
from tests.tui.debate_facts import BTC, DEBATER, TARGET
from tests.tui.recorded_arena import state_at


@pytest.fixture
def link():
    return facts.debating_link()


def followed(link, seq: int = 0) -> Store:
    """A store that attached when the bot was at a place, and followed it from there."""
    store = Store(bot="arena")
    since = store.attach(state_at(link.events, seq))
    for recorded in link.events[since:]:
        store.take(recorded)
    return store


def only(link) -> DebateEntry:
    (entry,) = followed(link).debates.entries.values()
    return entry


def asked(link, *, execute: bool = False) -> None:
    link._carry_out("/debates", {"agent": DEBATER, "symbol": BTC, "execute": execute})


def test_a_rounds_debate_is_held_and_leads_to_the_decision_that_follows(link):
    facts.held(link, facts.full())
    assert (only(link).status, only(link).decision_id, only(link).targets) == (DebateStatus.HELD, None, ())
    decision = facts.decided(link, TARGET, refused=("ETH: too much",))
    entry = only(link)
    assert (entry.is_asked, entry.round, entry.decision_id) == (False, 9, decision.decision_id)
    assert (entry.targets, entry.refused) == ((TARGET,), ("ETH: too much",))
    assert (entry.agreement, entry.is_disagreed, entry.sides) == (0.6, False, {BTC: "long"})


def test_a_rounds_debate_without_a_decision_says_why(link):
    facts.held(link, facts.debate(facts.said("bull")))
    failure = DecisionFailed(
        agent=DEBATER, round=9, failure=FailureKind.UNANSWERED, message="only 1 of 5 spoke"
    )
    link.happen([failure])
    assert (only(link).status, only(link).reason) == (DebateStatus.FAILED, "only 1 of 5 spoke")


def test_a_debate_that_was_asked_for_is_under_way_until_it_is_held(link):
    asked(link, execute=True)
    entry = only(link)
    assert (entry.status, entry.by, entry.execute) == (DebateStatus.UNDER_WAY, "the dashboard", True)
    assert (entry.symbols, entry.speaker, entry.is_under_way) == ((BTC,), f"{DEBATER}#1", True)
    facts.asked_held(link, 1, facts.full(), proposal=(TARGET,), checks=("buy: passes",), decision_id=77)
    entry = only(link)
    assert (entry.status, entry.by, entry.execute) == (DebateStatus.HELD, "the dashboard", True)
    assert (entry.targets, entry.checks, entry.decision_id) == ((TARGET,), ("buy: passes",), 77)


def test_one_that_came_to_nothing_keeps_what_was_asked(link):
    asked(link)
    link.happen([DebateAbandoned(debate_id=1, agent=DEBATER, reason="the bot was stopped")])
    entry = only(link)
    assert (entry.status, entry.reason) == (DebateStatus.ABANDONED, "the bot was stopped")
    assert (entry.symbols, entry.by) == ((BTC,), "the dashboard")


def test_what_it_cost_are_its_own_calls_and_none_of_a_round_meanwhile(link):
    asked(link)
    facts.held(link, facts.debate(facts.said("bull"), facts.said("bear")))
    facts.asked_held(link, 1, facts.full())
    entries = followed(link).debates.entries
    assert entries[2].spent == Spent(calls=2, cost=4_000)
    assert entries[2].took_ms == 500 + 900
    assert entries[1].spent == Spent(calls=7, cost=14_000)
    assert entries[1].took_ms == 6 * 500 + 900


def test_a_price_that_nobody_knows_is_not_nothing(link):
    facts.held(link, facts.debate(facts.said("bull"), facts.said("bear")), cost=None)
    assert only(link).spent == Spent(calls=2, unpriced=2)


def test_where_its_calls_are_older_than_the_latest_events_its_cost_is_not_known(link, monkeypatch):
    facts.held(link, facts.full())
    monkeypatch.setattr(store_module, "WINDOW", 3)
    (entry,) = followed(link, len(link.events)).debates.entries.values()
    assert (entry.spent, entry.took_ms) == (None, None)


def test_attached_in_the_middle_it_knows_what_is_under_way(link, monkeypatch):
    asked(link, execute=True)
    facts.held(link, facts.debate(facts.said("bull")))
    facts.decided(link)
    monkeypatch.setattr(store_module, "WINDOW", 1)
    entry = followed(link, len(link.events)).debates.entries[1]
    assert (entry.status, entry.by, entry.execute) == (DebateStatus.UNDER_WAY, "the dashboard", True)


def test_of_those_that_are_over_the_latest_are_kept_and_those_under_way_always(link):
    asked(link)
    for _ in range(MOST_DEBATES + 5):
        facts.held(link, facts.debate(facts.said("bull")))
        facts.decided(link)
    kept = list(followed(link).debates.entries)
    assert kept == [1, *range(7, MOST_DEBATES + 7)]


def test_another_run_begins_without_debates(link):
    asked(link)
    store = followed(link)
    store.take(link.events[0]._replace(seq=len(link.events) + 1, run_id="run-2"))
    assert store.debates.entries == {}


@pytest.mark.parametrize("kind", [DebateAsked, DebateAbandoned])
def test_what_changes_a_debate_touches_its_topic(link, kind):
    store = followed(link)
    before = store.version([store_module.Topic.DEBATES])
    asked(link)
    if kind is DebateAbandoned:
        link.happen([DebateAbandoned(debate_id=1, agent=DEBATER, reason="so")])
    for recorded in link.events:
        store.take(recorded)
    assert store.version([store_module.Topic.DEBATES]) > before
