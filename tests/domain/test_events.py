"""Every kind of event has a word of its own."""

from cockpit.domain.events import (
    KIND_OF,
    BreakerTripped,
    CapitalAllocated,
    Event,
    MarketAdvanced,
    OrderFilled,
    RunStarted,
)


def test_each_event_type_has_a_word_and_no_two_share_one():
    assert set(KIND_OF) == set(Event.__args__)
    assert len(set(KIND_OF.values())) == len(KIND_OF)


def test_the_words_are_the_names_in_snake_case():
    kinds = [KIND_OF[each] for each in (RunStarted, CapitalAllocated, MarketAdvanced, OrderFilled)]
    assert kinds == ["run_started", "capital_allocated", "market_advanced", "order_filled"]
    assert KIND_OF[BreakerTripped] == "breaker_tripped"


def test_events_can_not_be_changed():
    for event_type in Event.__args__:
        assert event_type.__dataclass_params__.frozen
        assert not hasattr(event_type, "__dict__") or "__slots__" in vars(event_type)
